import { type Breakers, createBreakers } from '../../runtime/admission/breaker/breakers.ts';
import { openGate, type Gate } from '../../runtime/admission/gate.ts';
import { runAgent } from '../../runtime/agent/run-agent.ts';
import { createNamedCaches, type NamedCaches } from '../../runtime/cache/named/named-caches.ts';
import { openFleets, type Fleets } from '../../runtime/fleet/fleets.ts';
import { openProcesses } from '../../runtime/processes/processes.ts';
import type { Processes } from '../../runtime/processes/owned-process.ts';
import { openMetrics, type Metrics } from '../../runtime/telemetry/metrics.ts';
import { builtInTools } from '../../runtime/tools/built-in-tools.ts';
import type { Tool } from '../../runtime/tools/tool.ts';
import { openCpuWorkers, type CpuWorkers } from '../../runtime/workers/cpu-lane.ts';
import type { ErrorData } from '../../shared/errors/app-error.ts';
import { createFleetValidation, type FleetValidation } from '../fleets/fleet-validation.ts';
import { openHistory } from '../history/open-history.ts';
import type { History } from '../history/history.ts';
import { createPriceOf } from '../providers/pricing.ts';
import { createProviderKeys } from '../providers/provider-keys.ts';
import { tellOfBreakers } from './breaker-notices.ts';
import { readCaches, toCacheMetrics, toCachesValues } from './caches.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { createTroubleWatch } from './disk-trouble.ts';
import { readMemory, readThreads } from './process-status.ts';
import { createProviders, type OpenProviders } from './provider-source.ts';
import { createRunReport } from './run-report.ts';
import { readLaunch } from './run-source.ts';
import { openToolsOfRun } from './run-tools.ts';
import { toAskSettings, toBreakerLimits, toCpuWorkers, toLanes } from './settings-limits.ts';

/** How often figures of the machine and of the lanes are recorded. */
const METRICS_INTERVAL_MS = 1_000;

/** What a test may put in place of a part, to see whether the rest notices that it misbehaves. */
export interface Replacements {
  readonly gate?: (real: Gate) => Gate;
  /** Offered beside the built-in tools. */
  readonly tools?: readonly Tool[];
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
  const real = opening.use(openGate({ lanes: Object.fromEntries(toLanes(values)), clock }));
  const gate = replace.gate?.(real) ?? real;
  const breakers = createBreakers(toBreakerLimits(values), clock);
  const processes = opening.use(openProcesses({ clock, startModule: options.startModule }));
  const cpuWorkers = opening.use(openCpuWorkers(toCpuWorkers(values), { clock }));
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
  opening.use(tellOfBreakers(breakers, { fleets, sink: history.sink, clock, log: options.log }));
  opening.use(recordSettings(options, history));
  opening.use(applySettings({ options, gate, breakers, cpuWorkers, caches, providers }));
  const owned = opening.move();
  return composeControlPlane(
    { options, gate, breakers, processes, cpuWorkers, history, caches, providers, tools, validation, fleets },
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

function openRuntime(parts: Omit<Parts, 'fleets' | 'validation'> & { readonly metrics: Metrics }): Fleets {
  const { options, gate, history, caches, providers, processes, metrics } = parts;
  const { clock, settings, environment } = options;
  const agentPorts = { processes, environment, caches, settings: () => toProcessSettings(options) };
  return openFleets({
    gate,
    clock,
    metrics,
    sink: history.sink,
    providers,
    priceOf: (plan) => createPriceOf((name) => plan.providers[name]),
    openTools: (run) => openToolsOfRun(parts, run),
    runAgent: (plan, context, recorded) => runAgent(agentPorts, plan, context, recorded),
    askSettings: () => toAskSettings(settings.values()),
    settingsVersion: () => settings.version,
    get closeDeadlineMs() {
      return settings.values()['agents.stopDeadlineMs'];
    },
  });
}

/** Changes of settings that were made while nothing ran are recorded at the start, so many of them at most. */
const MISSED_CHANGES = 1_000;

/** The settings' own file stays their source; history has them beside the runs. */
function recordSettings({ settings }: ControlPlaneOptions, history: History): Disposable {
  for (const change of settings.history(MISSED_CHANGES).toReversed()) history.recordSettingChange(change);
  return settings.onRecorded((change) => history.recordSettingChange(change, { ...settings.values() }));
}

/** Carries each change of a setting to what it limits. */
function applySettings({
  options,
  gate,
  breakers,
  cpuWorkers,
  caches,
  providers,
}: Pick<Parts, 'options' | 'gate' | 'breakers' | 'cpuWorkers' | 'caches' | 'providers'>): Disposable {
  return options.settings.onChange(async (values, changed) => {
    breakers.reconfigure(toBreakerLimits(values));
    for (const [lane, limits] of toLanes(values)) gate.reconfigure(lane, limits);
    if (changed.some((key) => key.startsWith('provider.'))) providers.reconfigure(values);
    if (changed.some((key) => key.startsWith('cache.'))) await caches.reconfigure(toCachesValues(values));
    if (changed.some((key) => key.startsWith('cpu.'))) await cpuWorkers.reconfigure(toCpuWorkers(values));
  });
}

function composeControlPlane(parts: Parts, owned: AsyncDisposableStack): ControlPlane {
  const { options, gate, breakers, cpuWorkers, history, caches, providers, tools, validation, fleets } = parts;
  const known = { tools: tools.map(({ name }) => name) };
  return {
    fleets,
    history,
    gate,
    async launch(request) {
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
    memory: () => readMemory(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
