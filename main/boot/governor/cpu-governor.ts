import type { Gate } from '../../../runtime/admission/gate.ts';
import { ArrivalScaler, type WantedWorkers } from '../../../runtime/admission/adaptive/arrival-scaler.ts';
import { checkHeapLimits, readEngineFacts, toHeapCage } from '../../../runtime/memory/heap/heap-cage.ts';
import type { Clock, Timer } from '../../../runtime/time/clock.ts';
import { checkCpuWorkers, type CpuWorkers, type CpuWorkersOptions } from '../../../runtime/workers/cpu-lane.ts';
import type { SettingKey, SettingsValues } from '../../../shared/settings/settings.ts';
import type { Rollout } from '../../settings/settings.ts';
import type { Log } from '../log.ts';

/** What the governor works on. */
export interface CpuGovernorParts {
  readonly gate: Pick<Gate, 'reconfigure' | 'stats'>;
  readonly cpuWorkers: CpuWorkers;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often arrivals and run times are looked at. */
const LOOK_EVERY_MS = 1_000;
/** Work that the lane hands to a thread ahead, so that small tasks can be sent together and none waits long for a large one. */
const AHEAD_MS = 20;
/** Tasks a thread is handed ahead at least, and as long as nothing is known of them. */
const LEAST_AHEAD = 4;

/** Settings that reach threads one after the other. */
const ROLLING = ['cpu.maxWorkers', 'cpu.oldGenerationBytes', 'cpu.youngGenerationBytes'] as const;
type RollingKey = (typeof ROLLING)[number];

/** Carries the settings of the cpu lane to its threads, and sizes both to the work that comes. */
export class CpuGovernor implements Disposable {
  readonly #parts: CpuGovernorParts;
  #values: SettingsValues;
  #scaler: ArrivalScaler;
  #timer: Timer | undefined;
  /** What acted before a change that is on its way. */
  readonly #before = new Map<RollingKey, number>();
  #rolls = 0;
  #meanRunMs: number | undefined;
  #seen = { arrived: 0, ended: 0 };
  #workers: number;

  constructor(parts: CpuGovernorParts, values: SettingsValues) {
    this.#parts = parts;
    this.#values = values;
    this.#scaler = this.#createScaler();
    this.#workers = values['cpu.maxWorkers'];
    this.#sizeLane();
    this.#arm();
  }

  /** @throws {AppError} SETTING_INVALID when the limits together are more than this program can have; nothing has changed then. */
  apply(values: SettingsValues, changed: readonly SettingKey[]): void {
    if (!changed.some((key) => key.startsWith('cpu.'))) return;
    const before = this.#values;
    checkCpuWorkers(toCpuWorkers(values, values['cpu.maxWorkers']));
    checkHeaps(values);
    this.#values = values;
    for (const key of ROLLING)
      if (before[key] !== values[key] && !this.#before.has(key)) this.#before.set(key, before[key]);
    const isRescaled =
      before['cpu.minWorkers'] !== values['cpu.minWorkers'] || before['cpu.maxWorkers'] !== values['cpu.maxWorkers'];
    if (isRescaled || before['cpu.autoscale'] !== values['cpu.autoscale']) this.#scaler = this.#createScaler();
    this.#workers = this.#wantedWorkers(values['cpu.maxWorkers']);
    this.#roll();
    this.#sizeLane();
  }

  /** How far a change has got; `undefined` when nothing is on its way. */
  rollout(key: SettingKey): Rollout | undefined {
    const effective = this.#before.get(key as RollingKey);
    const { draining, effective: now } = this.#parts.cpuWorkers.state();
    if (effective === undefined || draining.workers === 0) return undefined;
    return { effective, left: draining.workers, total: draining.workers + now.workers };
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #createScaler(): ArrivalScaler {
    const max = this.#values['cpu.maxWorkers'];
    const min = Math.min(max, Math.max(1, this.#values['cpu.minWorkers']));
    return new ArrivalScaler({ min, max, clock: this.#parts.clock });
  }

  #arm(): void {
    this.#timer = this.#parts.clock.after(LOOK_EVERY_MS, () => {
      this.#look();
      this.#arm();
    });
    this.#timer.keepAlive(false);
  }

  #look(): void {
    const { gate, cpuWorkers } = this.#parts;
    const lane = gate.stats().find(({ name }) => name === 'cpu');
    if (lane === undefined) return;
    const ended = lane.completed + lane.failed;
    const arrived = ended + lane.cancelled + lane.timedOut + lane.running + lane.waiting;
    const endedNow = ended - this.#seen.ended;
    this.#scaler.noteArrivals(Math.max(0, arrived - this.#seen.arrived));
    this.#seen = { arrived, ended };
    const busyRatio = cpuWorkers.stats().reduce((sum, { utilisationRatio }) => sum + utilisationRatio, 0);
    if (endedNow > 0) this.#meanRunMs = (busyRatio * LOOK_EVERY_MS) / endedNow;
    this.#scale();
    this.#sizeLane();
  }

  #scale(): void {
    if (!this.#values['cpu.autoscale']) return;
    const wanted = this.#scaler.wanted(this.#meanRunMs ?? 0);
    const workers = this.#wantedWorkers(wanted.workers);
    if (workers === this.#workers) return;
    this.#parts.log.info({ from: this.#workers, to: workers, ...wanted }, toReason(wanted));
    this.#workers = workers;
    this.#roll();
  }

  #wantedWorkers(workers: number): number {
    return Math.max(1, this.#values['cpu.minWorkers'], workers);
  }

  /** What runs is let finish; the change is on its way until the last thread has it. */
  #roll(): void {
    const { cpuWorkers, log } = this.#parts;
    const roll = ++this.#rolls;
    const finish = async (): Promise<void> => {
      await cpuWorkers.reconfigure(toCpuWorkers(this.#values, this.#workers));
      if (roll === this.#rolls) this.#before.clear();
    };
    finish().catch((error: unknown) => log.error({ err: error }, 'The worker threads could not be changed'));
  }

  /** As much at once as the threads can be given ahead. */
  #sizeLane(): void {
    const ahead = this.#meanRunMs ? Math.ceil(AHEAD_MS / this.#meanRunMs) : LEAST_AHEAD;
    const each = Math.min(Math.max(LEAST_AHEAD, this.#values['cpu.groupLimit']), Math.max(LEAST_AHEAD, ahead));
    this.#parts.gate.reconfigure('cpu', {
      maxRunning: this.#workers * each,
      queueCapacity: this.#values['cpu.queueCapacity'],
    });
  }
}

/** The worker threads, as the settings have them, `maxWorkers` of them at most. */
export function toCpuWorkers(values: SettingsValues, maxWorkers: number): CpuWorkersOptions {
  return {
    maxWorkers,
    minWorkers: values['cpu.minWorkers'],
    oldGenerationBytes: values['cpu.oldGenerationBytes'],
    youngGenerationBytes: values['cpu.youngGenerationBytes'],
    externalBytes: values['cpu.externalBytes'],
    idleTimeoutMs: values['cpu.idleTimeoutMs'],
    groupLimit: values['cpu.groupLimit'],
  };
}

/** Heaps that the engine could not give are refused here, where somebody can still choose others. */
function checkHeaps(values: SettingsValues): void {
  const cpu = {
    name: 'the worker threads',
    count: values['cpu.maxWorkers'],
    oldBytes: values['cpu.oldGenerationBytes'],
    youngBytes: values['cpu.youngGenerationBytes'],
    settings: ['cpu.maxWorkers', 'cpu.oldGenerationBytes'],
  };
  checkHeapLimits([cpu], toHeapCage(readEngineFacts()));
}

function toReason({ workers, arrivalsPerSec, scale }: WantedWorkers): string {
  const over = scale === 'short' ? '8 s' : '30 s';
  return `The cpu lane gets ${workers} worker threads: ${arrivalsPerSec.toFixed(1)} tasks a second came over the last ${over}`;
}
