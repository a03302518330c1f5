import { AppError } from '../../shared/errors/app-error.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { decodeJson, FRAME, type Frame } from './launcher/frame.ts';
import type { EndedReport, FailedReport, StartedReport } from './launcher/launcher-order.ts';
import { KeptOutput } from './kept-output.ts';
import type { ProcessResult, ProcessSpec, RunningProcess } from './owned-process.ts';
import type { TreeRoot } from './tree/tree-members.ts';

/** Input travels in pieces of this size, the next when the program has taken the last. */
const INPUT_PIECE_BYTES = 64 * 1024;

/** A launcher that owes an answer (a start, or an end after its grace) and has said nothing for this long hangs. */
export const PATIENCE_MS = 30_000;

/** After this process itself was busy, what the launcher has said meanwhile is read first. */
const CATCH_UP_MS = 1_000;

/** What a run says to the launcher. */
export interface RunOrders {
  /** Gives the launcher up, unless it has said something within `PATIENCE_MS`: then it is busy, and waited for again. */
  giveUpSilent(): void;
  stop(): void;
  input(bytes: Buffer): void;
  inputEnd(): void;
}

/** One started program, as main sees it: what it has said so far, its deadline, its cancellation and its two promises. */
export class ProgramRun implements RunningProcess {
  readonly id: number;
  readonly spec: ProcessSpec;
  readonly #clock: Clock;
  readonly #orders: RunOrders;
  readonly #pid = Promise.withResolvers<number>();
  readonly #result = Promise.withResolvers<ProcessResult>();
  readonly #stdout: KeptOutput;
  readonly #stderr: KeptOutput;
  readonly #onAbort = (): void => this.end('cancelled');
  #ended: ProcessResult['ended'] = 'by itself';
  #input: Buffer | undefined;
  #deadline: Timer | undefined;
  #patience: Timer | undefined;
  #started: StartedReport | undefined;

  constructor(id: number, spec: ProcessSpec, clock: Clock, orders: RunOrders) {
    this.id = id;
    this.spec = spec;
    this.#clock = clock;
    this.#orders = orders;
    this.#stdout = new KeptOutput(spec.maxOutputBytes, spec.onOutput);
    this.#stderr = new KeptOutput(spec.maxOutputBytes);
    // Whoever needs only one of the promises need not handle the other.
    this.#pid.promise.catch(() => undefined);
    this.#result.promise.catch(() => undefined);
  }

  get pid(): Promise<number> {
    return this.#pid.promise;
  }

  get result(): Promise<ProcessResult> {
    return this.#result.promise;
  }

  /** The root of its tree, once it is known to run. */
  get root(): TreeRoot | undefined {
    return this.#started && { id: this.id, ...this.#started, isCollected: true };
  }

  stop(): Promise<ProcessResult> {
    this.end('cancelled');
    return this.result;
  }

  /** Begins: from now on the signal, and with the start the deadline, can end it. */
  begin(): void {
    this.spec.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#awaitLauncher(PATIENCE_MS);
    if (this.spec.input === undefined || this.spec.keepInputOpen) {
      if (this.spec.input) this.#orders.input(Buffer.from(this.spec.input));
      return;
    }
    this.#input = Buffer.from(this.spec.input);
    this.#sendInput();
  }

  /** Asks for the end, for the first reason that is given. */
  end(why: 'deadline' | 'cancelled'): void {
    if (this.#ended !== 'by itself') return;
    this.#ended = why;
    this.#orders.stop();
    this.#awaitLauncher(this.spec.stopGraceMs + PATIENCE_MS);
  }

  /** Takes what the launcher reports; answers whether the run is over. */
  accept(frame: Frame): boolean {
    switch (frame.kind) {
      case FRAME.started:
        this.#begun(decodeJson(frame) as StartedReport);
        return false;
      case FRAME.stdout:
        this.#stdout.add(frame.payload);
        return false;
      case FRAME.stderr:
        this.#stderr.add(frame.payload);
        return false;
      case FRAME.inputWanted:
        this.#sendInput();
        return false;
      case FRAME.ended:
        this.#settle(decodeJson(frame) as EndedReport);
        return true;
      case FRAME.failed:
        this.fail(AppError.fromData(decodeJson(frame) as FailedReport));
        return true;
      default:
        return false;
    }
  }

  /** Ends it with an error. */
  fail(error: AppError): void {
    this.#release();
    this.#pid.reject(error);
    this.#result.reject(error);
  }

  /** Ends it as cancelled before it began. */
  cancelUnstarted(): void {
    this.#ended = 'cancelled';
    this.#pid.reject(new AppError('TASK_CANCELLED', `"${this.spec.command[0]}" was cancelled before it started.`));
    this.#settle({ exitCode: undefined, signal: undefined, stdoutBytes: 0, stderrBytes: 0, ms: 0, ...UNSEEN });
  }

  #begun(report: StartedReport): void {
    this.#started = report;
    if (this.#ended === 'by itself') this.#patience?.[Symbol.dispose]();
    this.#pid.resolve(report.pid);
    const { deadlineMs } = this.spec;
    if (deadlineMs !== undefined) this.#deadline = this.#clock.after(deadlineMs, () => this.end('deadline'));
  }

  #awaitLauncher(ms: number): void {
    this.#patience?.[Symbol.dispose]();
    this.#patience = this.#clock.after(ms, () => {
      this.#patience = this.#clock.after(CATCH_UP_MS, () => {
        this.#awaitLauncher(PATIENCE_MS);
        this.#orders.giveUpSilent();
      });
    });
  }

  #sendInput(): void {
    if (!this.#input) return;
    const piece = this.#input.subarray(0, INPUT_PIECE_BYTES);
    if (piece.length > 0) this.#orders.input(piece);
    this.#input = this.#input.subarray(piece.length);
    if (this.#input.length > 0) return;
    this.#input = undefined;
    this.#orders.inputEnd();
  }

  #settle({ isCutShort, ...report }: EndedReport): void {
    this.#release();
    this.#result.resolve({
      ...report,
      ended: isCutShort ? this.#ended : 'by itself',
      stdout: this.#stdout.end(report.stdoutBytes),
      stderr: this.#stderr.end(report.stderrBytes),
    });
  }

  #release(): void {
    this.#deadline?.[Symbol.dispose]();
    this.#patience?.[Symbol.dispose]();
    this.#input = undefined;
    this.spec.signal?.removeEventListener('abort', this.#onAbort);
  }
}

const UNSEEN = { peakRssBytes: undefined, strayCount: 0, isCutShort: true } as const;
