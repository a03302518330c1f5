import { AppError, isAppError, toAppError } from '../../shared/errors/app-error.ts';
import type { Passage } from '../admission/breaker/circuit-breaker.ts';
import type { CoarseClock } from '../time/coarse-clock.ts';
import { toCancellation, type CallLimits } from './call-limits.ts';
import { capOutput } from './output-cap.ts';
import type { CallLedger, Tool, ToolCall, ToolCallResult, ToolContext, ToolOutput, ToolSettings } from './tool.ts';
import type { Limited } from './deadline-list.ts';
import { toOutcome, type ToolGuards } from './tool-guards.ts';

/** What all calls of a run share. */
export interface CallScene {
  readonly workspace: string;
  readonly allow: ToolContext['allow'];
  readonly settings: () => ToolSettings;
  readonly guards: ToolGuards;
  readonly wantsBasis: boolean;
  readonly knowledge: ToolContext['knowledge'];
  readonly coarse: CoarseClock;
  readonly ledger: CallLedger;
  readonly limits: CallLimits;
  readonly notice: (text: string) => void;
  /** Called once for each call that got its result. */
  readonly settled: () => void;
}

/**
 * One call from the gate to its result, and the context of its tool: one object for both, because 50,000 of them a second
 * have to be made. Its abort signal exists only for a tool that asks for it.
 */
export class ActiveCall implements ToolContext, Limited<ActiveCall> {
  deadlineAtMonoMs = 0;
  previousLimited: ActiveCall | undefined = undefined;
  nextLimited: ActiveCall | undefined = undefined;
  readonly callId: string;
  /** As they were when it was asked for, and from its start on as they were then. */
  maxOutputBytes: number;
  timeoutMs: number;
  /** Set when the call was cut short; from then on it may only end. */
  cause: AppError | undefined = undefined;
  isStarted = false;
  isSettled = false;
  readonly #scene: CallScene;
  readonly #tool: Tool;
  readonly #input: unknown;
  readonly #call: ToolCall;
  readonly #resolve: (result: ToolCallResult) => void;
  readonly #askedAtMonoMs: number;
  #startedAtMonoMs = 0;
  #aborter: AbortController | undefined = undefined;
  #passage: Passage | undefined = undefined;

  constructor(scene: CallScene, tool: Tool, input: unknown, call: ToolCall, resolve: (result: ToolCallResult) => void) {
    this.callId = call.callId;
    this.#scene = scene;
    this.#tool = tool;
    this.#input = input;
    this.#call = call;
    this.#resolve = resolve;
    this.#askedAtMonoMs = scene.coarse.monoMs();
    const { maxOutputBytes, timeoutMs } = scene.settings();
    this.maxOutputBytes = maxOutputBytes;
    this.timeoutMs = timeoutMs;
  }

  get workspace(): string {
    return this.#scene.workspace;
  }

  get allow(): ToolContext['allow'] {
    return this.#scene.allow;
  }

  get knowledge(): ToolContext['knowledge'] {
    return this.#scene.knowledge;
  }

  get wantsBasis(): boolean {
    return this.#scene.wantsBasis;
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      if (this.cause !== undefined) this.#aborter.abort(this.cause);
    }
    return this.#aborter.signal;
  }

  notice(text: string): void {
    this.#scene.notice(text);
  }

  /** `<run id>/<agent index>`. */
  get owner(): string {
    return this.#call.owner;
  }

  /** The signal of whoever asked. */
  get callerSignal(): AbortSignal {
    return this.#call.signal;
  }

  /**
   * Runs the tool; to be called by the gate, at most once. A call that is held back has not begun, and ends with why: what
   * holds it back may have come while it waited for its lane.
   */
  run(): Promise<ToolOutput> | ToolOutput {
    const heldBack = this.#enter();
    if (heldBack !== undefined) return { text: toFailureText(heldBack), error: heldBack };
    this.#begin();
    this.#scene.ledger.write(this.callId);
    return this.#tool.run(this.#input, this);
  }

  /**
   * Looks whether a kept output still holds, within the time a tool has; to be called by the gate. The call has not begun
   * afterwards. What it fails with is the tool's to tell, unless the call was cut short.
   */
  async look(): Promise<string | undefined> {
    this.#begin();
    try {
      return await this.#tool.basis?.look(this.#input, this);
    } catch {
      return undefined;
    } finally {
      if (!this.isSettled) this.#scene.limits.ended(this);
      this.isStarted = false;
    }
  }

  /** Ends with what an equal call came to. */
  answer(text: string, outputBytes: number | undefined): void {
    if (this.isSettled) return;
    const denial = this.#scene.guards.findDenial(this.#tool.name);
    if (denial !== undefined) return this.fail(denial);
    this.#scene.ledger.write(this.callId);
    this.#settle('done', text, outputBytes, undefined, true);
  }

  /** Its time is used up. */
  expire(): void {
    if (this.cause === undefined) this.cutShort(timeUsedUp(this.#tool.name, this.timeoutMs));
    else this.fail(this.cause);
  }

  /** Asks the tool to end; what it does not end within the grace is no longer waited for. */
  cutShort(cause: AppError): void {
    if (this.cause !== undefined || this.isSettled) return;
    this.cause = cause;
    this.#scene.limits.cutShort(this);
    this.#aborter?.abort(cause);
  }

  finish(output: ToolOutput): void {
    if (this.isSettled) return;
    const error = output.error && (this.cause ?? output.error);
    this.#settle(error ? this.#failureState(error) : 'done', output.text, output.outputBytes, error);
  }

  fail(failure: unknown): void {
    if (this.isSettled) return;
    const isOver = !this.isStarted && this.#call.signal.aborted;
    const error = this.cause ?? (isOver ? toCancellation(this.#call.signal) : toToolError(failure));
    this.#settle(this.#failureState(error), toFailureText(error), undefined, error);
  }

  /** Why the call may not start now; notes that it does otherwise. */
  #enter(): AppError | undefined {
    const { guards } = this.#scene;
    const { name } = this.#tool;
    const denial = guards.findDenial(name);
    if (denial !== undefined) return denial;
    try {
      this.#passage = guards.enter(name);
      return undefined;
    } catch (error) {
      if (isAppError(error, 'CIRCUIT_OPEN')) return error;
      throw error;
    }
  }

  #begin(): void {
    const { coarse, limits, settings } = this.#scene;
    const { maxOutputBytes, timeoutMs } = settings();
    this.maxOutputBytes = maxOutputBytes;
    this.timeoutMs = timeoutMs;
    this.isStarted = true;
    this.#startedAtMonoMs = coarse.monoMs();
    limits.started(this, this.#startedAtMonoMs);
  }

  #failureState(error: AppError): ToolCallResult['state'] {
    if (!this.isStarted && error.code === 'TOOL_DENIED') return 'denied';
    return error.code === 'TASK_CANCELLED' ? 'cancelled' : 'failed';
  }

  #settle(
    state: ToolCallResult['state'],
    text: string,
    fullBytes: number | undefined,
    error: AppError | undefined,
    isCached = false,
  ): void {
    this.isSettled = true;
    this.#passage?.end(toOutcome(this.#tool, error));
    const { coarse, limits } = this.#scene;
    const nowMs = coarse.monoMs();
    if (this.isStarted) limits.ended(this);
    const { text: output, outputBytes } = capOutput(text, this.maxOutputBytes, fullBytes);
    const startedAtMonoMs = this.isStarted || isCached ? this.#startedAtMonoMs : nowMs;
    this.#scene.settled();
    this.#resolve({
      state,
      output,
      outputBytes,
      waitMs: startedAtMonoMs - this.#askedAtMonoMs,
      ms: nowMs - this.#askedAtMonoMs,
      error: error?.toData(),
      ...(isCached ? { cached: true } : {}),
    });
  }
}

/** How a failure reads for a model. */
export function toFailureText(error: AppError): string {
  return `${error.code}: ${error.message}`;
}

function timeUsedUp(tool: string, timeoutMs: number): AppError {
  return new AppError('TASK_TIMED_OUT', `${tool} did not end within ${timeoutMs / 1_000} s; ask for less at once.`);
}

/** A failure of the world is the tool's; a `TypeError` or the like is a defect of ours. */
function toToolError(failure: unknown): AppError {
  const isOfTheSystem = failure instanceof Error && 'code' in failure && 'syscall' in failure;
  if (isOfTheSystem && !(failure instanceof AppError)) {
    return new AppError('TOOL_FAILED', failure.message, { cause: failure });
  }
  return toAppError(failure);
}
