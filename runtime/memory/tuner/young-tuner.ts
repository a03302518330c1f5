import type { Clock, Timer } from '../../time/clock.ts';
import { YOUNG_STEPS_BYTES } from '../heap/generations.ts';
import { GcWindow, type GcFigures, type ObservedThread } from './gc-window.ts';
import { checkTunerOptions, type TunerOptions } from './tuner-options.ts';
import { decide, toTunerState, type TunerState } from './tuner-steps.ts';

/** What the tuner works on. */
export interface TunerPorts {
  readonly clock: Clock;
  /** The threads it looks at, now; answers at once. */
  readonly threads: () => readonly ObservedThread[];
  /** The size that holds or is being brought about, whoever set it. */
  readonly youngBytes: () => number;
  /** Brings a size about, as an operator would: through the settings. A rejection is reported and the size is as it was. */
  readonly apply: (youngBytes: number, why: string) => Promise<void>;
  /** Hears each step, in order. */
  readonly onStep?: (step: TunerStep) => void;
}

/** One step of the tuner, for a person. */
export interface TunerStep {
  /** `held` after a size was judged and kept, `advised` when a person is to decide, `refused` when it could not be applied. */
  readonly kind: 'moved' | 'advised' | 'held' | 'refused';
  readonly atMs: number;
  readonly fromBytes: number;
  /** As `fromBytes` when nothing changes. */
  readonly toBytes: number;
  readonly why: string;
  readonly figures: GcFigures;
}

/** The tuner at one moment. */
export interface TunerStatus {
  readonly options: TunerOptions;
  readonly phase: 'off' | 'cooling down' | 'measuring' | 'applying';
  readonly youngBytes: number;
  /** What was measured so far of the present size. */
  readonly figures: GcFigures | undefined;
  /** What it advises; until somebody accepts it, or it has been judged otherwise. */
  readonly advice: TunerStep | undefined;
  /** The newest last; at most 50. */
  readonly steps: readonly TunerStep[];
}

/** How often threads are looked at while a size is measured: one that ends is counted up to the last look. */
const LOOK_EVERY_MS = 1_000;
const MAX_STEPS = 50;
/** A size that has not had enough collections after this many times its measuring time is judged to be idle. */
const MAX_EXTENSIONS = 10;

/**
 * Moves the young generation of some threads towards a pause target and a share of their time, by `decide`.
 *
 * One step at a time: after each it waits until the threads are replaced and warm (`coolDownMs`), then measures anew. A
 * change by somebody else is taken over as it is, and everything that was found out stays valid.
 */
export class YoungTuner implements Disposable {
  private readonly ports: TunerPorts;
  private options: TunerOptions;
  private state: TunerState;
  private phase: TunerStatus['phase'] = 'off';
  private window: GcWindow | undefined;
  private beganMs = 0;
  private timer: Timer | undefined;
  /** What it advises, and what it will know when that has been done. */
  private advised: { readonly step: TunerStep; readonly next: TunerState } | undefined;
  private steps: readonly TunerStep[] = [];
  private isClosed = false;

  /** @throws {AppError} SETTING_INVALID */
  constructor(ports: TunerPorts, options: TunerOptions) {
    this.ports = ports;
    this.options = checkTunerOptions(options);
    this.state = toTunerState(ports.youngBytes());
    if (options.mode !== 'off') this.coolDown();
  }

  /** Takes other aims over at once; what was found out under the old ones is forgotten. @throws {AppError} SETTING_INVALID */
  configure(options: TunerOptions): void {
    this.options = checkTunerOptions(options);
    this.state = toTunerState(this.ports.youngBytes());
    this.advised = undefined;
    if (this.phase === 'applying') return;
    if (options.mode === 'off') this.stop();
    else this.coolDown();
  }

  /** Does what it advises; resolves when that is done. Does nothing when it advises nothing. */
  async accept(): Promise<void> {
    const { advised } = this;
    if (advised === undefined || this.phase === 'applying') return;
    this.advised = undefined;
    await this.move({ ...advised.step, kind: 'moved', atMs: this.ports.clock.nowMs() }, advised.next);
  }

  status(): TunerStatus {
    const { options, phase, advised, steps } = this;
    return {
      options,
      phase,
      advice: advised?.step,
      steps,
      youngBytes: this.ports.youngBytes(),
      figures: this.window?.figures(),
    };
  }

  [Symbol.dispose](): void {
    this.isClosed = true;
    this.stop();
  }

  private stop(): void {
    this.timer?.[Symbol.dispose]();
    this.window = undefined;
    this.phase = 'off';
  }

  private coolDown(): void {
    this.phase = 'cooling down';
    this.window = undefined;
    this.arm(this.options.coolDownMs, () => this.measure());
  }

  private measure(): void {
    const { clock, threads } = this.ports;
    this.phase = 'measuring';
    this.window = new GcWindow(threads());
    this.beganMs = clock.monoMs();
    this.arm(LOOK_EVERY_MS, () => this.look());
  }

  private look(): void {
    const { clock, threads, youngBytes } = this.ports;
    const { measureMs, minCollections } = this.options;
    if (toTunerState(youngBytes()).step !== this.state.step) return this.takeOver();
    this.window!.add(threads());
    const figures = this.window!.figures();
    const lastedMs = clock.monoMs() - this.beganMs;
    const isEnough =
      lastedMs >= measureMs && (figures.count >= minCollections || lastedMs >= measureMs * MAX_EXTENSIONS);
    if (isEnough) this.judge(figures);
    else this.arm(LOOK_EVERY_MS, () => this.look());
  }

  /** Somebody else set another size. */
  private takeOver(): void {
    this.state = { ...this.state, step: toTunerState(this.ports.youngBytes()).step, cameFrom: undefined };
    this.advised = undefined;
    this.coolDown();
  }

  private judge(figures: GcFigures): void {
    const { clock } = this.ports;
    const { state, decision } = decide(this.state, figures, clock.monoMs(), this.options);
    const heldBytes = YOUNG_STEPS_BYTES[this.state.step]!;
    const { toBytes } = decision.kind === 'move' ? decision : { toBytes: heldBytes };
    const step = { atMs: clock.nowMs(), fromBytes: heldBytes, toBytes, why: decision.why, figures };
    if (decision.kind === 'hold') {
      this.state = state;
      this.advised = undefined;
      this.note({ kind: 'held', ...step });
      return this.measure();
    }
    if (this.options.mode === 'act') return void this.move({ kind: 'moved', ...step }, state);
    // What is only advised has not happened: the knowledge stays, the place does not change.
    this.state = { ...this.state, trials: state.trials };
    this.advised = { step: { kind: 'advised', ...step }, next: state };
    this.note(this.advised.step);
    this.measure();
  }

  private async move(step: TunerStep, next: TunerState): Promise<void> {
    this.timer?.[Symbol.dispose]();
    this.phase = 'applying';
    try {
      await this.ports.apply(step.toBytes, step.why);
      this.state = { ...next, step: toTunerState(step.toBytes).step };
      this.note(step);
    } catch (error) {
      // It would choose the same again at once; what refuses has its reasons, which may pass.
      const reason = error instanceof Error ? error.message : String(error);
      this.note({ ...step, kind: 'refused', toBytes: step.fromBytes, why: `${step.why} It was refused: ${reason}` });
    }
    if (this.isClosed || this.options.mode === 'off') this.stop();
    else this.coolDown();
  }

  private note(step: TunerStep): void {
    // Held again for the same reason is no news.
    const last = this.steps.at(-1);
    const isNews = step.kind !== last?.kind || step.toBytes !== last.toBytes || step.kind === 'moved';
    this.steps = [...(isNews ? this.steps : this.steps.slice(0, -1)), step].slice(-MAX_STEPS);
    if (isNews) this.ports.onStep?.(step);
  }

  private arm(delayMs: number, fire: () => void): void {
    this.timer?.[Symbol.dispose]();
    this.timer = this.ports.clock.after(delayMs, fire);
    this.timer.keepAlive(false);
  }
}
