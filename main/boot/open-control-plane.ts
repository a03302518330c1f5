import { type Breakers, createBreakers } from '../../runtime/admission/breaker/breakers.ts';
import { openGate, type Gate } from '../../runtime/admission/gate.ts';
import { runAgent } from '../../runtime/agent/run-agent.ts';
import { createNamedCaches, type NamedCaches } from '../../runtime/cache/named/named-caches.ts';
import { openFleets, type Fleets } from '../../runtime/fleet/fleets.ts';
import { openProcesses } from '../../runtime/processes/processes.ts';
import type { Processes } from '../../runtime/processes/owned-process.ts';
import { CoarseClock } from '../../runtime/time/coarse-clock.ts';
import { openMetrics, type Metrics } from '../../runtime/telemetry/metrics.ts';
import type { MemoryReader } from '../../runtime/memory/gate/memory-reading.ts';
import { builtInTools } from '../../runtime/tools/built-in-tools.ts';
import type { Tool } from '../../runtime/tools/tool.ts';
import { openCpuWorkers, type CpuWorkers } from '../../runtime/workers/cpu-lane.ts';
import type { ErrorData } from '../../shared/errors/app-error.ts';
import { createFleetValidation, type FleetValidation } from '../fleets/fleet-validation.ts';
import { openHistory } from '../history/open-history.ts';
import type { History } from '../history/history.ts';
import { createPriceOf } from '../providers/pricing.ts';
import { createProviderKeys } from '../providers/provider-keys.ts';
import { readCaches, toCacheMetrics, toCachesValues } from './caches.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { createTroubleWatch } from './disk-trouble.ts';
import { toCpuWorkers } from './governor/cpu-governor.ts';
import { type Governor, openGovernor } from './governor/open-governor.ts';
import { readMemory, readThreads } from './process-status.ts';
import { createProviders, type OpenProviders } from './provider-source.ts';
import { createRunReport, flushWhilePossible } from './run-report.ts';
import { readLaunch } from './run-source.ts';
import { createToolSettings, openToolsOfRun } from './run-tools.ts';
import { toAskSettings, toBreakerLimits, toLanes } from './settings-limits.ts';

/** Until the governor has sized it. */
const FIRST_CPU_LANE = ['cpu', { maxRunning: 1, queueCapacity: 0 }] as const;

/** How often figures of the machine and of the lanes are recorded. */
const METRICS_INTERVAL_MS = 1_000;

/** What a test may put in place of a part, to see whether the rest notices that it misbehaves. */
export interface Replacements {
  readonly gate?: (real: Gate) => Gate;
  /** Offered beside the built-in tools. */
  readonly tools?: readonly Tool[];
  /** How much memory there is. */
  readonly memoryReader?: MemoryReader;
  /** Opens the worker threads, perhaps with tasks of its own. */
  readonly openCpuWorkers?: typeof openCpuWorkers;
}

/** The parts, opened in this order and closed in reverse. */
interface Parts {
  readonly options: ControlPlaneOptions;
  readonly gate: Gate;
  readonly breakers: Breakers;
  readonly processes: Processes;
  readonly cpuWorkers: CpuWorkers;
  readonly history: History;
  readonly caches: NamedCaches;
  readonly providers: OpenProviders;
  readonly tools: readonly Tool[];
  readonly validation: FleetValidation;
  readonly fleets: Fleets;
  readonly governor: Governor;
}

/**
 * Opens everything that runs. A failure half-way closes what was opened.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY, DISK_FULL, HISTORY_LOCKED, HISTORY_DAMAGED, HISTORY_NEWER
 */
export async function openControlPlane(
  options: ControlPlaneOptions,
  replace: Replacements = {},
): Promise<ControlPlane> {
  await using opening = new AsyncDisposableStack();
  const { clock, dataDir, settings, environment } = options;
  const values = settings.values();
  let fleets: Fleets | undefined;
  const watch = createTroubleWatch(() => fleets);
  const onTrouble = (trouble: ErrorData | undefined, cause?: Error): void => {
    if (cause) options.log.error({ ...trouble?.details, err: cause }, 'History cannot be written any more');
    watch(trouble);
  };
  const history = opening.use(await openHistory({ dataDir, clock, ...toHistory(options), onTrouble }));
  const spillStore = history.spillStore;
  const caches = opening.use(createNamedCaches({ clock, values: toCachesValues(values), spillStore }));
  const real = opening.use(openGate({ lanes: Object.fromEntries([...toLanes(values), FIRST_CPU_LANE]), clock }));
  const gate = replace.gate?.(real) ?? real;
  const breakers = createBreakers(toBreakerLimits(values), new CoarseClock(clock));
  const processes = opening.use(openProcesses({ clock, startModule: options.startModule }));
  const openThreads = replace.openCpuWorkers ?? openCpuWorkers;
  const cpuWorkers = opening.use(openThreads(toCpuWorkers(values, values['cpu.maxWorkers']), { clock }));
  const keys = options.keys ?? createProviderKeys({ dataDir, environment });
  const providers = opening.use(createProviders({ gate, breakers, clock, processes, environment, values, keys }));
  const builtIn = opening.use(builtInTools({ cpuWorkers, processes, settings: () => toProcessSettings(options) }));
  const tools = [...builtIn.tools, ...(replace.tools ?? [])];
  const validation = opening.use(createFleetValidation({ clock, processes, tools, environment, keys }));
  const metrics = opening.use(
    openMetrics({ clock, gate, cpuWorkers, sink: history.sink, everyMs: METRICS_INTERVAL_MS }),
  );
  opening.use(metrics.add(() => toCacheMetrics(caches)));
  fleets = opening.use(
    openRuntime({ options, gate, breakers, processes, cpuWorkers, history, caches, providers, tools, metrics }),
  );
  const { memoryReader } = replace;
  const governed = { options, gate, breakers, cpuWorkers, caches, providers, fleets, history, memoryReader };
  const governor = opening.use(openGovernor(governed));
  const owned = opening.move();
  return composeControlPlane(
    { options, gate, breakers, processes, cpuWorkers, history, caches, providers, tools, validation, fleets, governor },
    owned,
  );
}

function toHistory({ settings }: ControlPlaneOptions) {
  const values = settings.values();
  return {
    flushMs: values['history.flushMs'],
    batchRecords: values['history.batchRecords'],
    bufferRecords: values['history.bufferRecords'],
    walMaxBytes: values['history.walMaxBytes'],
    maxOutputBytes: values['history.maxOutputBytes'],
  };
}

function toProcessSettings({ settings }: ControlPlaneOptions) {
  const values = settings.values();
  return { maxOutputBytes: values['process.maxOutputBytes'], stopGraceMs: values['process.stopGraceMs'] };
}

function openRuntime(parts: Omit<Parts, 'fleets' | 'validation' | 'governor'> & { readonly metrics: Metrics }): Fleets {
  const { options, gate, history, caches, providers, processes, metrics } = parts;
  const { clock, settings, environment } = options;
  const toolSettings = createToolSettings(settings);
  const agentPorts = { processes, environment, caches, settings: () => toProcessSettings(options) };
  return openFleets({
    gate,
    clock,
    metrics,
    sink: history.sink,
    providers,
    priceOf: (plan) => createPriceOf((name) => plan.providers[name]),
    openTools: (run) => openToolsOfRun({ ...parts, toolSettings }, run),
    runAgent: (plan, context, recorded) => runAgent(agentPorts, plan, context, recorded),
    askSettings: () => toAskSettings(settings.values()),
    settingsVersion: () => settings.version,
    get closeDeadlineMs() {
      return settings.values()['agents.stopDeadlineMs'];
    },
  });
}

function composeControlPlane(parts: Parts, owned: AsyncDisposableStack): ControlPlane {
  const { options, gate, breakers, cpuWorkers, history, caches, providers, tools, validation, fleets, governor } =
    parts;
  const known = { tools: tools.map(({ name }) => name) };
  return {
    fleets,
    history,
    gate,
    async launch(request) {
      // What is resumed may have ended a moment ago.
      if (request.resume !== undefined) await flushWhilePossible(history, options.clock);
      const recorded = { history: history.reader, dataDir: options.dataDir, nowMs: options.clock.nowMs() };
      const { plan, options: launch, events } = await readLaunch(request, recorded, known);
      const run = await fleets.launch(plan, launch);
      for (const event of events) history.sink.emit(event);
      return { run, resultsPath: plan.resultsPath };
    },
    validate: (source) => validation.validate(source),
    checkProvider: (name, signal) => providers.check(name, signal),
    async report(progress) {
      return await createRunReport(progress, { history, dataDir: options.dataDir, clock: options.clock });
    },
    threads: () => readThreads(cpuWorkers),
    providers: () => providers.status(),
    breakers: () => breakers.stats(),
    caches: () => readCaches(caches),
    memory: () => readMemory(governor.memory()),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
