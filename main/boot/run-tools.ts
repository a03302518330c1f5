import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Gate } from '../../runtime/admission/gate.ts';
import type { KnowledgeMemory } from '../../runtime/knowledge/knowledge-memory.ts';
import type { BuildKnowledgeOrder } from '../../runtime/knowledge/build-knowledge-task.ts';
import type { CpuWorkers } from '../../runtime/workers/cpu-lane.ts';
import type { NamedCaches } from '../../runtime/cache/named/named-caches.ts';
import { openCallLedger } from '../../runtime/tools/call-ledger.ts';
import type { Breakers } from '../../runtime/admission/breaker/breakers.ts';
import { openRunTools } from '../../runtime/tools/run-tools.ts';
import type { RunTools, Tool, ToolSettings } from '../../runtime/tools/tool.ts';
import type { EventSink } from '../../shared/events/event-sink.ts';
import type { FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { RunId } from '../../shared/model/ids.ts';
import { toNames } from '../../shared/settings/setting-value.ts';
import type { SettingsValues } from '../../shared/settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { toToolCaches } from './caches.ts';
import type { ControlPlaneOptions } from './control-plane.ts';
import { ledgerPathOf } from './run-report.ts';

/** What the tools of a run are opened with. */
export interface RunToolsParts {
  readonly options: ControlPlaneOptions;
  readonly gate: Gate;
  readonly breakers: Breakers;
  /** See `createToolSettings`. */
  readonly toolSettings: () => ToolSettings;
  readonly tools: readonly Tool[];
  readonly caches: NamedCaches;
  readonly cpuWorkers: CpuWorkers;
  readonly history: { readonly sink: EventSink };
}

/** Opens the tools of one run, with the ledger that they write; disposing closes both. */
export async function openToolsOfRun(
  { options, gate, breakers, toolSettings, tools, caches, cpuWorkers, history }: RunToolsParts,
  run: { readonly runId: RunId; readonly plan: FleetPlan },
): Promise<RunTools> {
  const { clock, dataDir, log } = options;
  const { runId, plan } = run;
  await using opening = new AsyncDisposableStack();
  const path = ledgerPathOf(dataDir, runId);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const onFailure = (error: Error): void => log.error({ err: error, runId }, 'The ledger of a run cannot be written.');
  const ledger = opening.use(await openCallLedger(path, clock, { onFailure }));
  const onNotice = (text: string): void =>
    history.sink.emit({ type: 'notice', runId, atMs: clock.nowMs(), level: 'warning', text });
  const knowledge = await readKnowledge({ gate, cpuWorkers, timeoutMs: toolSettings().timeoutMs }, run);
  const runTools = opening.use(
    openRunTools({
      runId,
      gate,
      clock,
      workspace: plan.workspace,
      allow: plan.allow,
      tools,
      ledger,
      settings: toolSettings,
      openBreaker: (tool) => breakers.open({ name: `the tool ${tool}`, runId }),
      onNotice,
      knowledge,
      caches: toToolCaches(caches, plan),
    }),
  );
  const owned = opening.move();
  return {
    schemas: (names) => runTools.schemas(names),
    isRepeatable: (tool) => runTools.isRepeatable(tool),
    call: (call) => runTools.call(call),
    flush: () => runTools.flush(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The documents of a fleet, read in a worker thread like any work of its run; all threads search the one copy. */
async function readKnowledge(
  { gate, cpuWorkers, timeoutMs }: { readonly gate: Gate; readonly cpuWorkers: CpuWorkers; readonly timeoutMs: number },
  { runId, plan }: { readonly runId: RunId; readonly plan: FleetPlan },
): Promise<KnowledgeMemory | undefined> {
  if (plan.knowledge === undefined) return undefined;
  const order: BuildKnowledgeOrder = { root: plan.workspace, glob: plan.knowledge.files, timeLimitMs: timeoutMs };
  const read = (): Promise<KnowledgeMemory> =>
    cpuWorkers.run<KnowledgeMemory>('build-knowledge', order, { deadlineMs: timeoutMs });
  return await gate.submit('cpu', read, { owner: runId });
}

/** What the settings in force say of tool calls; made anew only when they have changed, since every call asks. */
export function createToolSettings(settings: Pick<Settings, 'values'>): () => ToolSettings {
  let seen: SettingsValues | undefined;
  let made: ToolSettings;
  return () => {
    const values = settings.values();
    if (values === seen) return made;
    seen = values;
    made = {
      maxOutputBytes: values['tools.maxOutputBytes'],
      timeoutMs: values['tools.timeoutMs'],
      off: new Set(toNames(values['tools.off'])),
    };
    return made;
  };
}
