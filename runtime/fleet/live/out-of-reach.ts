import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import type { AgentPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { StopReason } from '../../../shared/model/conversation.ts';

/** Failures to reach a provider at all, or to be let in: every agent that asks it would have the same. */
const OUT_OF_REACH: ReadonlySet<string> = new Set<ErrorCode>([
  'PROVIDER_UNREACHABLE',
  'PROVIDER_CERTIFICATE_REFUSED',
  'PROVIDER_AUTH_REFUSED',
]);

/**
 * Why a run cannot go on when its first word from the provider is that there is none: all that is left would only learn
 * the same, each after all its attempts. `undefined` when some agent of `open` has another chance.
 */
export function findOutOfReach(plan: AgentPlan, stop: StopReason, open: Iterable<AgentPlan>): AppError | undefined {
  if (stop.kind !== 'failed' || !OUT_OF_REACH.has(stop.code) || plan.kind !== 'model') return undefined;
  for (const other of open) if (other.kind !== 'model' || other.provider !== plan.provider) return undefined;
  return new AppError(stop.code as ErrorCode, stop.message);
}
