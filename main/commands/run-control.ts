import { systemClock } from '../../runtime/time/clock.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { RunProgress } from '../../shared/model/run-summary.ts';
import { type InstanceClient, joinInstance } from '../instance/join-instance.ts';
import type { FleetBudget } from '../../shared/fleet/fleet-schema.ts';
import { parseTokens, parseUsd } from './budget-words.ts';
import type { CommandFrame } from './frame.ts';

/** `pause RUN`. */
export function pauseRun(runId: string, frame: CommandFrame): Promise<number> {
  return act(frame, runId, ({ calls }) => calls.runs.pause({ runId: parseRunId(runId) }));
}

/** `resume RUN`, with a budget in place of the one that is used up where one is given. */
export function resumeRun(
  runId: string,
  budget: { readonly budgetUsd?: string; readonly budgetTokens?: string },
  frame: CommandFrame,
): Promise<number> {
  const given = {
    ...(budget.budgetUsd === undefined ? {} : understood(parseUsd(budget.budgetUsd))),
    ...(budget.budgetTokens === undefined ? {} : understood(parseTokens(budget.budgetTokens))),
  };
  return act(frame, runId, ({ calls }) => calls.runs.resume({ runId: parseRunId(runId), budget: given }));
}

/** `stop RUN`. */
export function stopRun(runId: string, deadlineMs: number | undefined, frame: CommandFrame): Promise<number> {
  return act(frame, runId, ({ calls }) => calls.runs.stop({ runId: parseRunId(runId), deadlineMs }));
}

/** `stop --all`; that nothing runs is no failure. */
export async function stopAllRuns(deadlineMs: number | undefined, frame: CommandFrame): Promise<number> {
  const joined = await joinInstance(frame.dataDir, systemClock, `flotilla ${frame.version}`);
  if (!joined) {
    frame.output.note('No instance is running here; there is nothing to stop.');
    return 0;
  }
  await using client = joined;
  const { runs } = await client.calls.runs.stopAll({ deadlineMs });
  if (runs.length === 0) frame.output.note('No run is live; there is nothing to stop.');
  for (const run of runs) show(run, frame);
  return 0;
}

/** The id in its one spelling. @throws {AppError} RUN_NOT_FOUND when it can be none. */
export function parseRunId(text: string): string {
  const runId = text.toUpperCase();
  if (/^[0-9A-HJKMNP-TV-Z]{26}$/.test(runId)) return runId;
  throw new AppError(
    'RUN_NOT_FOUND',
    `"${text.slice(0, 60)}" is not the id of a run; "flotilla history list" shows them.`,
  );
}

function understood(parsed: FleetBudget | string): FleetBudget {
  if (typeof parsed === 'string') throw new AppError('INPUT_INVALID', parsed);
  return parsed;
}

async function act(
  frame: CommandFrame,
  runId: string,
  call: (client: InstanceClient) => Promise<RunProgress>,
): Promise<number> {
  parseRunId(runId);
  const joined = await joinInstance(frame.dataDir, systemClock, `flotilla ${frame.version}`);
  if (!joined) {
    throw new AppError(
      'RUN_NOT_LIVE',
      `No instance is running on ${frame.dataDir}, so the run is not live; "flotilla run --resume ${parseRunId(runId)}" continues it.`,
    );
  }
  await using client = joined;
  show(await call(client), frame);
  return 0;
}

function show({ runId, state, reason }: RunProgress, { output }: CommandFrame): void {
  output.line('run', { runId, state });
  output.text(`${runId} is ${state}${reason === undefined ? '' : ` (${reason})`}.`);
}
