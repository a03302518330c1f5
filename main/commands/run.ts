import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseOverrides } from '../../runtime/fleet/read-fleet.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import type { LaunchRequest } from '../../shared/contract/fleets.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { FinishedAgent, RunReport } from '../../shared/model/run-summary.ts';
import { hostInstance } from '../instance/host-instance.ts';
import { type InstanceClient, isOwnerLeaving, joinInstance } from '../instance/join-instance.ts';
import type { CommandFrame } from './frame.ts';
import { onInterruption } from './interruption.ts';
import type { RunOptions } from './program.ts';
import { parseRunId } from './run-control.ts';
import { openRunDisplay } from './run-display.ts';
import { summaryOf } from './run-summary.ts';

/** What runs when no file is named. */
const EXAMPLE = fileURLToPath(new URL('../../examples/repo-survey.yaml', import.meta.url));

/** Times an instance is looked for: the owner may leave, or come, in between. */
const MAX_LOOKS = 20;

/** How often an owner whose own run is over looks whether runs of other terminals have ended. */
const OTHER_RUNS_INTERVAL_MS = 250;

/** A clean stop that a second signal interrupts gets this long to make durable what is already done. */
const STOP_NOW_MS = 1_000;

const EXIT = { done: 0, someFailed: 1, budget: 2, environment: 4, interrupted: 130 } as const;

/** Why an agent fails that never reached a provider. */
const PROVIDER_AWAY: ReadonlySet<string> = new Set([
  'PROVIDER_UNREACHABLE',
  'PROVIDER_CERTIFICATE_REFUSED',
  'PROVIDER_AUTH_REFUSED',
]);

interface Session extends AsyncDisposable {
  readonly client: InstanceClient;
  readonly isOwner: boolean;
}

/** `run`: launches a fleet in the instance of the data directory, or becomes it, and shows the run until it settles. */
export async function run(file: string | undefined, options: RunOptions, frame: CommandFrame): Promise<number> {
  const request = toRequest(file, options);
  for (let look = 0; ; look++) {
    try {
      return await launchAndWatch(request, options, frame);
    } catch (error) {
      if (!isOwnerLeaving(error) || look === MAX_LOOKS) throw error;
    }
  }
}

async function launchAndWatch(request: LaunchRequest, options: RunOptions, frame: CommandFrame): Promise<number> {
  await using session = await openSession(options, frame);
  const steps = createSteps(session, frame);
  using _signals = onInterruption(steps);
  frame.output.onReaderGone(() => steps.stop());
  const launched = await session.client.calls.fleets.launch(request);
  const { runId } = launched;
  steps.launched(runId);
  frame.output.line('run.started', { runId, agents: launched.agents });
  const { report, isProviderAway } = await watch(launched, session, frame);
  frame.output.text(summaryOf(report, { ...launched, dataDir: frame.dataDir }));
  sayWayOn(report, session.isOwner, frame);
  await steps.settled();
  if (session.isOwner) await waitForOthers(session.client, steps, frame);
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
  const path = file ?? (resume === undefined ? EXAMPLE : undefined);
  if (file === undefined && path !== undefined && !existsSync(path)) {
    throw new AppError('FLEET_NOT_FOUND', 'Name the fleet file to run: flotilla run FILE.');
  }
  return {
    ...(path === undefined ? {} : { path: resolve(path) }),
    overrides: parseOverrides(options.set ?? []),
    ...(resume === undefined ? {} : { resume }),
    ...(options.only === undefined ? {} : { only: options.only }),
  };
}

async function openSession(options: RunOptions, frame: CommandFrame): Promise<Session> {
  const { dataDir, environment, version } = frame;
  const commandLine = toSettings(options.setting ?? []);
  for (let look = 0; look < MAX_LOOKS; look++) {
    const joined = await joinInstance(dataDir, systemClock, `flotilla ${version}`);
    if (joined) {
      if (options.setting?.length) {
        await joined[Symbol.asyncDispose]();
        throw new AppError(
          'SETTING_INVALID',
          'An instance runs on this data directory already, so --setting cannot change how it starts; use "flotilla settings set".',
        );
      }
      frame.output.note(`Joined the running instance ${joined.peer.pid}; Ctrl-C stops only this run.`);
      return { client: joined, isOwner: false, [Symbol.asyncDispose]: () => joined[Symbol.asyncDispose]() };
    }
    const { openControlPlane } = await import('../boot/open-control-plane.ts');
    const hosted = await hostInstance({
      dataDir,
      environment,
      commandLine,
      version,
      clock: systemClock,
      openControlPlane,
    });
    if (hosted)
      return { client: hosted.client, isOwner: true, [Symbol.asyncDispose]: () => hosted[Symbol.asyncDispose]() };
  }
  throw new AppError('INSTANCE_UNREACHABLE', 'Other programs keep taking this data directory; try again in a moment.');
}

function toSettings(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1)
        throw new AppError(
          'INPUT_INVALID',
          `--setting ${pair.slice(0, 60)}: expected key=value, for example --setting cpu.maxWorkers=2.`,
        );
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}

interface Steps {
  readonly isInterrupted: boolean;
  stop(): void;
  stopNow(): void;
  launched(runId: string): void;
  /** Resolves when a stop that was asked for has been answered. */
  settled(): Promise<void>;
  /** From here on a signal stops the runs of other terminals. */
  alone(): void;
}

/** What a first and a second signal do. */
function createSteps({ client }: Session, { output }: CommandFrame): Steps {
  let runId: string | undefined;
  let isInterrupted = false;
  let isAlone = false;
  let stopping: Promise<unknown> = Promise.resolve();
  const stopRun = (): void => {
    if (runId === undefined) return;
    // A run that has just ended by itself cannot be stopped any more, which is as well.
    stopping = client.calls.runs.stop({ runId }).catch(() => undefined);
  };
  return {
    get isInterrupted() {
      return isInterrupted;
    },
    stop() {
      isInterrupted = true;
      if (isAlone) {
        stopping = client.calls.runs.stopAll({}).catch(() => undefined);
        return;
      }
      output.note('Stopping cleanly; what is done is kept. Press Ctrl-C again to stop at once.');
      stopRun();
    },
    stopNow() {
      const stop = runId === undefined ? Promise.resolve() : client.calls.runs.stop({ runId, deadlineMs: 0 });
      void Promise.race([stop, systemClock.sleep(STOP_NOW_MS)])
        .catch(() => undefined)
        .finally(() => process.exit(EXIT.interrupted));
    },
    launched(id) {
      runId = id;
      if (isInterrupted) stopRun();
    },
    settled: async () => void (await stopping),
    alone() {
      isAlone = true;
    },
  };
}

interface Watched {
  readonly report: RunReport;
  /** Every agent that ended failed because its provider never answered: the environment is wrong, not the agents. */
  readonly isProviderAway: boolean;
}

async function watch(
  launched: { readonly runId: string; readonly fleet: string; readonly agents: number },
  { client }: Session,
  { output }: CommandFrame,
): Promise<Watched> {
  using display = openRunDisplay(launched, output);
  const ended = { all: 0, withoutProvider: 0 };
  for await (const item of client.calls.runs.watch({ runId: launched.runId })) {
    if (item.kind === 'report') {
      display.settled(item.report);
      return { report: item.report, isProviderAway: ended.all > 0 && ended.withoutProvider === ended.all };
    }
    if (item.kind === 'agent') {
      ended.all++;
      if (metNoProvider(item.agent)) ended.withoutProvider++;
      display.agent(item.agent, item.answerOmitted === true);
    } else display.progress(item.progress);
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
async function waitForOthers(client: InstanceClient, steps: Steps, { output }: CommandFrame): Promise<void> {
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

function sayWayOn(report: RunReport, isOwner: boolean, { output }: CommandFrame): void {
  const { runId, state } = report;
  if (report.lost > 0 || report.duplicated > 0) {
    output.note(
      `${report.lost} tool calls were lost and ${report.duplicated} ran twice; please report this with "flotilla history export ${runId}".`,
    );
  }
  if (state === 'paused') {
    const limit = report.reason?.includes('tokens') ? 'budget.tokens=COUNT' : 'budget.usd=AMOUNT';
    const resume = `flotilla run --resume ${runId} --set ${limit}`;
    output.note(
      `The run keeps what it has; raise the budget and continue it with "${resume}"${isOwner ? '' : ' once the instance has ended'}.`,
    );
  } else if (state === 'stopped' || state === 'interrupted') {
    output.note(`What was done is kept; "flotilla run --resume ${runId}" continues it.`);
  } else if (report.agentsFailed > 0) {
    output.note(
      `${report.agentsFailed} of ${report.agents} agents failed; "flotilla run --resume ${runId} --only failed" runs them again.`,
    );
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
