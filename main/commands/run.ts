import { resolve } from 'node:path';
import { parseOverrides } from '../../runtime/fleet/read-fleet.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import type { LaunchRequest } from '../../shared/contract/fleets.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { FinishedAgent, RunReport } from '../../shared/model/run-summary.ts';
import { type InstanceClient, isOwnerLeaving } from '../instance/join-instance.ts';
import type { CommandFrame } from './frame.ts';
import { onInterruption } from './interruption.ts';
import type { RunOptions } from './program.ts';
import { type AnswerList, createAnswerList } from './run/answer-list.ts';
import { findExampleFleet } from './run/example-fleet.ts';
import { openRunDisplay } from './run/run-display.ts';
import { openSession, type Session } from './run/run-session.ts';
import { createRunSteps, type RunSteps } from './run/run-steps.ts';
import { summaryOf } from './run/run-summary.ts';
import { sayWayOn } from './run/way-on.ts';
import { toCount } from './text-table.ts';
import { parseRunId } from './run-control.ts';

/** A launch is tried again this often when the instance it went to was leaving. */
const MAX_LOOKS = 20;

/** How often an owner whose own run is over looks whether runs of other terminals have ended. */
const OTHER_RUNS_INTERVAL_MS = 250;

const EXIT = { done: 0, someFailed: 1, budget: 2, environment: 4, interrupted: 130 } as const;

/** Why an agent fails that never reached a provider. */
const PROVIDER_AWAY: ReadonlySet<string> = new Set([
  'PROVIDER_UNREACHABLE',
  'PROVIDER_CERTIFICATE_REFUSED',
  'PROVIDER_AUTH_REFUSED',
]);

/** `run`: launches a fleet in the instance of the data directory, or becomes it, and shows the run until it settles. */
export async function run(file: string | undefined, options: RunOptions, frame: CommandFrame): Promise<number> {
  const request = toRequest(file, options);
  const interruption: Interruption = { has: () => false };
  for (let look = 0; ; look++) {
    try {
      return await launchAndWatch(request, options, { frame, interruption });
    } catch (error) {
      if (interruption.has()) return await endInterrupted(error, frame);
      if (!isOwnerLeaving(error) || look === MAX_LOOKS) throw error;
    }
  }
}

/** Whether a signal has asked the run to stop; known once it can. */
interface Interruption {
  has: () => boolean;
}

/** What failed while a stop was under way, as with a full disk, is said; the command still ends as interrupted. */
async function endInterrupted(error: unknown, { dataDir, output }: CommandFrame): Promise<number> {
  const { reportFailure } = await import('./failure.ts');
  await reportFailure(error, dataDir, output);
  return EXIT.interrupted;
}

interface Surroundings {
  readonly frame: CommandFrame;
  readonly interruption: Interruption;
}

async function launchAndWatch(
  request: LaunchRequest,
  options: RunOptions,
  { frame, interruption }: Surroundings,
): Promise<number> {
  const { output } = frame;
  await using session = await openSession(options, frame);
  const steps = createRunSteps(session, frame);
  interruption.has = () => steps.isInterrupted;
  using _signals = onInterruption(steps);
  output.onReaderGone(() => steps.stop());
  const launched = await session.client.calls.fleets.launch(request);
  const { runId } = launched;
  steps.launched(runId);
  output.note(
    `Run ${runId} of "${launched.fleet}": ${toCount(launched.agents)} ${launched.agents === 1 ? 'agent' : 'agents'}.`,
  );
  output.line('run.started', { runId, agents: launched.agents });
  const watched: Watched = { launched, answers: createAnswerList(launched.agents), ended: 0, withoutProvider: 0 };
  const report = await watchToTheEnd(watched, { session, steps, frame });
  const answers = watched.answers.toText(output.columns, frame.typed(`history show ${runId}`));
  if (answers !== '') output.text(`\n${answers}`);
  output.text(`\n${summaryOf(report, { ...launched, dataDir: frame.dataDir })}\n`);
  sayWayOn(report, session.isOwner, frame);
  await steps.settled();
  if (session.isOwner) await waitForOthers(session.client, steps, frame);
  const isProviderAway = watched.ended > 0 && watched.withoutProvider === watched.ended;
  return exitCodeOf(report, { isInterrupted: steps.isInterrupted, isProviderAway });
}

function toRequest(file: string | undefined, options: RunOptions): LaunchRequest {
  if (options.only && options.resume === undefined) {
    throw new AppError(
      'INPUT_INVALID',
      '--only failed needs a run to take the failed agents from: --resume RUN --only failed.',
    );
  }
  const resume = options.resume === undefined ? undefined : parseRunId(options.resume);
  const path = file ?? (resume === undefined ? findExampleFleet() : undefined);
  return {
    ...(path === undefined ? {} : { path: resolve(path) }),
    overrides: parseOverrides(options.set ?? []),
    ...(resume === undefined ? {} : { resume }),
    ...(options.only === undefined ? {} : { only: options.only }),
  };
}

/** What has been seen of a run so far. */
interface Watched {
  readonly launched: { readonly runId: string; readonly fleet: string; readonly agents: number };
  readonly answers: AnswerList;
  /** Agents that have ended. */
  ended: number;
  /** Of these, failed because a provider never answered: were it all of them, the environment is wrong, not the agents. */
  withoutProvider: number;
}

interface Watching {
  readonly session: Session;
  readonly steps: RunSteps;
  readonly frame: CommandFrame;
}

/** Watches until the run has ended, or is paused for its budget and nobody raises it. */
async function watchToTheEnd(watched: Watched, watching: Watching): Promise<RunReport> {
  const { session, steps, frame } = watching;
  const { runId } = watched.launched;
  for (;;) {
    const report = await watch(watched, session, frame);
    if (report.state !== 'paused' || steps.isInterrupted) return report;
    const { askForBudget, canAsk } = await import('./run/budget-question.ts');
    if (!canAsk(frame.output)) return report;
    const { runs } = session.client.calls;
    const isPaused = async (): Promise<boolean> => (await runs.progress({ runId })).state === 'paused';
    const answer = await askForBudget({ report, output: frame.output, isPaused, signal: steps.signal });
    if (answer.kind === 'leave') return report;
    if (answer.kind === 'raise') await runs.resume({ runId, budget: answer.budget });
  }
}

async function watch(watched: Watched, { client }: Session, { output }: CommandFrame): Promise<RunReport> {
  const { launched, answers } = watched;
  using display = openRunDisplay(output);
  // A run that is watched again tells every agent again.
  let toSkip = watched.ended;
  for await (const item of client.calls.runs.watch({ runId: launched.runId })) {
    if (item.kind === 'report') {
      display.settled(item.report);
      return item.report;
    }
    if (item.kind === 'agent') {
      if (toSkip-- > 0) continue;
      watched.ended++;
      if (metNoProvider(item.agent)) watched.withoutProvider++;
      answers.add(item.agent);
      display.agent(item.agent, item.answerOmitted === true);
    } else display.progress(item.progress, item.kind === 'progress' ? item.atWork : undefined);
    await output.room();
  }
  throw new AppError(
    'INSTANCE_UNREACHABLE',
    `The instance ended before the run did; "flotilla run --resume ${launched.runId}" continues it.`,
  );
}

function metNoProvider({ stop, turns }: FinishedAgent): boolean {
  return stop.kind === 'failed' && turns === 0 && PROVIDER_AWAY.has(stop.code);
}

/** An owner that left would take the runs of other terminals with it. */
async function waitForOthers(client: InstanceClient, steps: RunSteps, { output }: CommandFrame): Promise<void> {
  let isTold = false;
  for (;;) {
    const { runs } = await client.calls.runs.list({});
    const live = runs.filter(({ state }) => ['queued', 'running', 'stopping'].includes(state));
    if (live.length === 0) return;
    if (!isTold) {
      output.note(
        `${live.length} ${live.length === 1 ? 'run' : 'runs'} of other terminals continue here; Ctrl-C stops them.`,
      );
      steps.alone();
    }
    isTold = true;
    await systemClock.sleep(OTHER_RUNS_INTERVAL_MS);
  }
}

function exitCodeOf(
  { state, agentsFailed }: RunReport,
  { isInterrupted, isProviderAway }: { readonly isInterrupted: boolean; readonly isProviderAway: boolean },
): number {
  if (isInterrupted || state === 'stopped' || state === 'interrupted') return EXIT.interrupted;
  if (state === 'failed' || isProviderAway) return EXIT.environment;
  if (state === 'paused') return EXIT.budget;
  return agentsFailed > 0 ? EXIT.someFailed : EXIT.done;
}
