import type { FleetLimits, FleetPlan, ProviderDefinition } from '../../shared/fleet/fleet-schema.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { Gate, LaneName } from '../admission/gate.ts';
import { openTokenBucket } from '../admission/token-bucket.ts';
import type { BoundProvider, ProviderPass } from '../agent/agent-context.ts';
import type { Provider } from '../providers/provider.ts';
import type { Clock } from '../time/clock.ts';

/** A provider that other runs may use too, and the lane that holds its permits. */
export interface SharedProvider {
  readonly provider: Provider;
  readonly lane: LaneName;
}

/** Opens providers on demand and keeps them for later runs; the owner closes them. */
export interface ProviderSource {
  /** @throws {AppError} PROVIDER_UNKNOWN, PROVIDER_KEY_MISSING, PROVIDER_UNREACHABLE */
  acquire(name: string, definition: ProviderDefinition | undefined, fleetPath: string): Promise<SharedProvider>;
}

/** The providers of one run, with its own limits in front of them. Disposing closes the run's lanes, not the providers. */
export interface ProviderBinding extends Disposable {
  readonly providers: ReadonlyMap<string, BoundProvider>;
}

/** Enough for every agent of a run to wait for its fleet's own limit; the agents themselves are bounded before it. */
const RUN_QUEUE_CAPACITY = 100_000;

/** Opens what the agents of `plan` ask, with the fleet's limits a minute and at the same time as a lane of the run's own. */
export async function bindProviders(
  plan: FleetPlan,
  runId: RunId,
  ports: { readonly source: ProviderSource; readonly gate: Gate; readonly clock: Clock },
): Promise<ProviderBinding> {
  using lanes = new DisposableStack();
  const providers = new Map<string, BoundProvider>();
  const names = new Set(plan.agents.flatMap((agent) => (agent.kind === 'model' ? [agent.provider] : [])));
  for (const name of names) {
    const shared = await ports.source.acquire(name, plan.providers[name], plan.path);
    const own = openOwnPass(`provider:${name}@${runId}`, plan.limits, ports);
    if (own) lanes.use(own.opened);
    providers.set(name, { provider: shared.provider, passes: [...(own ? [own.pass] : []), { lane: shared.lane }] });
  }
  const opened = lanes.move();
  return { providers, [Symbol.dispose]: () => opened.dispose() };
}

function openOwnPass(
  lane: LaneName,
  limits: FleetLimits,
  { gate, clock }: { readonly gate: Gate; readonly clock: Clock },
): { readonly pass: ProviderPass; readonly opened: Disposable } | undefined {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests } = limits;
  if (requestsPerMinute === undefined && tokensPerMinute === undefined && concurrentRequests === undefined)
    return undefined;
  const isPaced = requestsPerMinute !== undefined || tokensPerMinute !== undefined;
  const pace = isPaced
    ? openTokenBucket({ requestsPerMin: requestsPerMinute, tokensPerMin: tokensPerMinute, clock })
    : undefined;
  const maxRunning = concurrentRequests ?? limits.concurrentAgents;
  return { pass: { lane, pace }, opened: gate.openLane(lane, { maxRunning, queueCapacity: RUN_QUEUE_CAPACITY }, pace) };
}
