import type {
  BreakerStatus,
  CacheStatus,
  MemoryStatus,
  ProviderStatus,
  ThreadStatus,
} from '../../shared/contract/app.ts';
import type { LaunchRequest } from '../../shared/contract/fleets.ts';
import type { RunProgress, RunReport } from '../../shared/model/run-summary.ts';
import type { Gate } from '../../runtime/admission/gate.ts';
import type { Fleets, LiveRun } from '../../runtime/fleet/fleets.ts';
import type { StartModule } from '../../runtime/processes/module-process.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import type { ValidatedFleet } from '../fleets/fleet-validation.ts';
import type { History } from '../history/history.ts';
import type { ProviderCheck } from '../providers/check-provider.ts';
import type { ProviderKeys } from '../providers/provider-keys.ts';
import type { Settings } from '../settings/settings.ts';
import type { Log } from './log.ts';

/** What the control plane is opened with; the caller has claimed the data directory. */
export interface ControlPlaneOptions {
  readonly dataDir: string;
  /** Open, and closed by the caller; `openControlPlane` registers itself with `settings.onChange`. */
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Keys that were kept for built-in providers; only the environment has keys when it is absent. */
  readonly keys?: ProviderKeys;
  /** On the desktop, where `process.execPath` is no Node. */
  readonly startModule?: StartModule;
}

/** A run that has just been set going. */
interface LaunchedRun {
  readonly run: LiveRun;
  /** Absolute path of its results file, when its fleet wants one. */
  readonly resultsPath?: string;
}

/**
 * Everything that runs, composed: what the contract's handlers call.
 *
 * `main/boot/open-control-plane.ts` exports `openControlPlane(options: ControlPlaneOptions): Promise<ControlPlane>`.
 * Disposing of it stops every run within `agents.stopDeadlineMs`, makes history durable and closes all in reverse.
 */
export interface ControlPlane extends AsyncDisposable {
  readonly fleets: Fleets;
  readonly history: History;
  readonly gate: Pick<Gate, 'stats'>;
  /**
   * Parses the fleet (or takes it from history when only `resume` is given) and launches it. The first agent may start
   * only after the returned promise has resolved and its reactions ran, so that a watcher attached then misses nothing.
   *
   * @throws {AppError} FLEET_INVALID with `details.problems`, and what `fleets.launch` throws.
   */
  launch(request: LaunchRequest): Promise<LaunchedRun>;
  /** The mistakes of a fleet file, or what it would start; works in a thread of its own. */
  validate(request: Pick<LaunchRequest, 'path' | 'text' | 'overrides'>): Promise<ValidatedFleet>;
  /** Asks a built-in provider for its models, with the key a run would use. @throws {AppError} what `providers.check` throws. */
  checkProvider(name: string, signal: AbortSignal): Promise<ProviderCheck>;
  /** The run's end with what only history knows; makes its facts durable first. */
  report(progress: RunProgress): Promise<RunReport>;
  threads(): readonly ThreadStatus[];
  providers(): readonly ProviderStatus[];
  breakers(): readonly BreakerStatus[];
  caches(): readonly CacheStatus[];
  memory(): MemoryStatus;
}
