import { AppError } from '../../shared/errors/app-error.ts';
import type { CommandAgentPlan } from '../../shared/fleet/fleet-plan.ts';
import type { StopReason } from '../../shared/model/conversation.ts';
import type { Gate, Permit } from '../admission/gate.ts';
import type { Processes, ProcessResult } from '../processes/owned-process.ts';
import { backoffMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { prepareCommand } from './command-line.ts';
import { toCommandEnvironment } from './command-environment.ts';

/** Waits between two attempts to be admitted or to get a process from a system that has none left. */
const ADMISSION_BACKOFF = { baseMs: 100, maxMs: 5_000 };

/** A line of standard error beyond this says no more to a reader. */
const MAX_REASON_CHARS = 300;

const MS_PER_MINUTE = 60_000;

/** What a command agent works with. */
export interface CommandAgentContext {
  readonly processes: Processes;
  readonly gate: Gate;
  readonly clock: Clock;
  /** Absolute; the program starts there. */
  readonly workspace: string;
  /** `<run id>/<agent index>`. */
  readonly owner: string;
  /** Stops the program. */
  readonly signal: AbortSignal;
  /** Kept of standard output and of standard error each. */
  readonly maxOutputBytes: number;
  readonly stopGraceMs: number;
  /** Limit on waiting plus running. */
  readonly minutes: number;
  /** Where the variables that the plan names are taken from. */
  readonly environmentSource: Readonly<Record<string, string | undefined>>;
  /**
   * Passed when the program may start: while what it answers has not resolved the program waits without a place in the lane,
   * and its time limit stands still. It rejects with TASK_CANCELLED when the agent is to end.
   */
  readonly checkpoint?: () => Promise<void> | undefined;
  /** Called with each piece of standard output, until `maxOutputBytes`. */
  readonly onOutput?: (text: string) => void;
}

/** How a command agent ended. */
export interface CommandAgentEnd {
  readonly stop: StopReason;
  /** Standard output without the white space around it; a marker says how much was cut. */
  readonly answer: string;
  /** `undefined` when the program did not run. */
  readonly result: ProcessResult | undefined;
}

/**
 * Runs one program as an agent: waits for a permit of the `process` lane, holds it while the program's tree lives, and
 * turns its end into a stop reason. A full lane and a system without processes are waited out with backoff.
 *
 * @throws {AppError} INTERNAL only, for a defect; every failure of the program is a stop reason.
 */
export async function runCommandAgent(plan: CommandAgentPlan, context: CommandAgentContext): Promise<CommandAgentEnd> {
  try {
    await using prepared = await prepareCommand(plan);
    const result = await runAdmitted(plan, context, prepared);
    return { stop: toStopReason(plan, context, result), answer: toAnswer(result, context.maxOutputBytes), result };
  } catch (error) {
    return { stop: toFailure(error, context), answer: '', result: undefined };
  }
}

interface Invocation {
  readonly command: readonly string[];
  readonly input: string | undefined;
}

async function runAdmitted(
  plan: CommandAgentPlan,
  context: CommandAgentContext,
  invocation: Invocation,
): Promise<ProcessResult> {
  let endsAtMonoMs = context.clock.monoMs() + context.minutes * MS_PER_MINUTE;
  for (let attempt = 1; ; attempt += 1) {
    const leftMs = endsAtMonoMs - context.clock.monoMs();
    if (leftMs <= 0) throw new AppError('TASK_TIMED_OUT', 'The agent got no process before its time limit.');
    try {
      const outcome = await runOnce(plan, context, invocation, endsAtMonoMs);
      if (!('heldUp' in outcome)) return outcome;
      const sinceMonoMs = context.clock.monoMs();
      await outcome.heldUp;
      endsAtMonoMs += context.clock.monoMs() - sinceMonoMs;
    } catch (error) {
      if (!isWorthWaiting(error)) throw error;
      const waitMs = backoffMs(attempt, ADMISSION_BACKOFF, error.details.retryAfterMs);
      await context.clock.sleep(Math.min(waitMs, leftMs), context.signal);
    }
  }
}

async function runOnce(
  plan: CommandAgentPlan,
  context: CommandAgentContext,
  { command, input }: Invocation,
  endsAtMonoMs: number,
): Promise<ProcessResult | { readonly heldUp: Promise<void> }> {
  const { clock, gate, owner, processes, signal } = context;
  using _permit: Permit = await gate.acquire('process', { owner, signal, deadlineMs: endsAtMonoMs - clock.monoMs() });
  const heldUp = context.checkpoint?.();
  if (heldUp !== undefined) return { heldUp };
  return await processes.run({
    command,
    directory: context.workspace,
    environment: toCommandEnvironment(plan.environment, context.environmentSource),
    maxOutputBytes: context.maxOutputBytes,
    stopGraceMs: context.stopGraceMs,
    deadlineMs: Math.max(1, endsAtMonoMs - clock.monoMs()),
    signal,
    ...(input !== undefined && { input }),
    ...(context.onOutput && { onOutput: context.onOutput }),
  });
}

/** Nothing of the program ran when it was refused for these reasons, so that asking again repeats nothing. */
function isWorthWaiting(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === 'LANE_SATURATED' || error.code === 'PROCESS_LIMIT');
}

function toStopReason(plan: CommandAgentPlan, context: CommandAgentContext, result: ProcessResult): StopReason {
  if (result.ended === 'deadline') return { kind: 'limit', limit: 'minutes', at: context.minutes };
  if (result.ended === 'cancelled') return toStopped(context.signal);
  if (result.exitCode === 0) return { kind: 'answered' };
  const how = result.signal === undefined ? `ended with exit code ${result.exitCode}` : `was ended by ${result.signal}`;
  const reason = lastLine(result.stderr);
  const message = `"${plan.command[0]}" ${how}${reason ? `: ${reason}` : ' and said nothing on standard error'}`;
  return { kind: 'failed', code: 'PROGRAM_FAILED', message };
}

function toFailure(error: unknown, context: CommandAgentContext): StopReason {
  if (context.signal.aborted) return toStopped(context.signal);
  if (!(error instanceof AppError)) throw error;
  if (error.code === 'TASK_TIMED_OUT') return { kind: 'limit', limit: 'minutes', at: context.minutes };
  if (error.code === 'TASK_CANCELLED') return { kind: 'stopped', by: 'operator' };
  return { kind: 'failed', code: error.code, message: error.message };
}

function toStopped(signal: AbortSignal): StopReason {
  const { reason } = signal;
  const isLate =
    reason instanceof AppError && (reason.code === 'DEADLINE_EXCEEDED' || reason.code === 'TASK_TIMED_OUT');
  return { kind: 'stopped', by: isLate ? 'deadline' : 'operator' };
}

function toAnswer(result: ProcessResult, maxOutputBytes: number): string {
  const text = result.stdout.trim();
  const cutBytes = result.stdoutBytes - maxOutputBytes;
  return cutBytes > 0 ? `${text}\n[${cutBytes} more bytes were cut]` : text;
}

function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line.length > MAX_REASON_CHARS ? `${line.slice(0, MAX_REASON_CHARS)}…` : line;
}
