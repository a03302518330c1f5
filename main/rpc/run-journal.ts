import type { LiveRun } from '../../runtime/fleet/fleets.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import type { RunWatchItem } from '../../shared/contract/runs.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { AgentActivity, FinishedAgent, RunProgress, RunReport } from '../../shared/model/run-summary.ts';
import { isFinalRunState } from '../../shared/model/states.ts';

/** Answers of one run kept for watchers, in characters; later ones are in history only. */
const MAX_ANSWER_CHARS = 32_000_000;

/** One answer beyond this is in history only, in characters: it must fit into one message, escaped as well. */
const MAX_ONE_ANSWER_CHARS = 1_000_000;

/** Runs that have ended and can still be watched. */
const MAX_ENDED_RUNS = 8;

/** How often a watcher looks whether counts have changed that no event tells. */
const PROGRESS_INTERVAL_MS = 100;

/** Agents at work that watchers are told about. */
const MAX_AT_WORK = 8;

type FinishedItem = Extract<RunWatchItem, { kind: 'agent' }>;

/** A run that lives or ended a short while ago. */
export interface JournaledRun {
  readonly run: LiveRun;
  /** Set while the run is settled: ended, or paused for its budget. */
  readonly report: Promise<RunReport> | undefined;
}

interface Entry extends JournaledRun {
  readonly finished: FinishedItem[];
  answerChars: number;
  report: Promise<RunReport> | undefined;
  /** Replaced at each change; resolves the ones who wait for the next. */
  change: PromiseWithResolvers<void>;
}

/** What of the runtime the journal asks. */
export interface RunJournalOptions {
  readonly clock: Clock;
  readonly report: (progress: RunProgress) => Promise<RunReport>;
}

/** Keeps what watchers of live runs need, so that one who comes late or reads slowly misses no finished agent. */
export class RunJournal {
  readonly #options: RunJournalOptions;
  readonly #entries = new Map<RunId, Entry>();

  constructor(options: RunJournalOptions) {
    this.#options = options;
  }

  /** Begins to record a run; to be called before its first agent can end. */
  attach(run: LiveRun): void {
    const entry: Entry = { run, finished: [], answerChars: 0, report: undefined, change: Promise.withResolvers() };
    this.#entries.delete(run.runId);
    this.#entries.set(run.runId, entry);
    run.watch({
      agentFinished: (agent) => this.#keep(entry, agent),
      changed: (progress) => {
        if (isFinalRunState(progress.state)) {
          // The report of a pause that came before the end says too little.
          entry.report = undefined;
          this.#settle(entry);
        } else if (progress.state === 'running') {
          entry.report = undefined;
          void this.#settleWhenPaused(entry);
        }
        wake(entry);
      },
    });
    void this.#settleWhenPaused(entry);
    this.#forgetOldest();
  }

  /** @throws {AppError} RUN_NOT_LIVE */
  progress(runId: RunId): RunProgress {
    return this.#get(runId).run.progress();
  }

  /** A run that lives, or one of the last that ended; of any other only history knows. */
  find(runId: RunId): JournaledRun | undefined {
    return this.#entries.get(runId);
  }

  list(): RunProgress[] {
    return [...this.#entries.values()].map(({ run }) => run.progress());
  }

  /** Those that are in no final state. */
  live(): RunProgress[] {
    return this.list().filter(({ state }) => !isFinalRunState(state));
  }

  /** Baseline, every finished agent once in order, changes of progress, and the report when the run settles. @throws {AppError} RUN_NOT_LIVE */
  async *watch(runId: RunId, signal: AbortSignal): AsyncGenerator<RunWatchItem> {
    const entry = this.#get(runId);
    let shown = entry.run.progress();
    const activity = this.#activityOf(entry);
    yield { kind: 'baseline', progress: shown, finished: entry.finished.length };
    for (let next = 0; !signal.aborted;) {
      const { report, change } = entry;
      while (next < entry.finished.length) yield entry.finished[next++] as FinishedItem;
      const progress = entry.run.progress();
      const atWork = activity();
      if (hasChanged(shown, progress) || atWork) yield { kind: 'progress', progress, ...(atWork ? { atWork } : {}) };
      shown = progress;
      if (report) {
        yield { kind: 'report', report: await report };
        return;
      }
      if (entry.change === change && next === entry.finished.length) await this.#nextLook(change.promise, signal);
    }
  }

  /** What the agents at work do, when it has changed; not more often than progress is looked at. */
  #activityOf({ run }: Entry): () => AgentActivity[] | undefined {
    const { clock } = this.#options;
    let lookedAtMs = -Infinity;
    let shown = '[]';
    return () => {
      if (clock.monoMs() - lookedAtMs < PROGRESS_INTERVAL_MS) return undefined;
      lookedAtMs = clock.monoMs();
      const atWork = [...run.activity(MAX_AT_WORK)];
      const text = JSON.stringify(atWork);
      if (text === shown) return undefined;
      shown = text;
      return atWork;
    };
  }

  async #nextLook(change: Promise<void>, signal: AbortSignal): Promise<void> {
    const look = Promise.withResolvers<void>();
    using _timer = this.#options.clock.after(PROGRESS_INTERVAL_MS, look.resolve);
    const onAbort = (): void => look.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([change, look.promise]);
    signal.removeEventListener('abort', onAbort);
  }

  #keep(entry: Entry, agent: FinishedAgent): void {
    const { length } = agent.answer;
    const isKept = length <= MAX_ONE_ANSWER_CHARS && entry.answerChars + length <= MAX_ANSWER_CHARS;
    if (isKept) entry.answerChars += length;
    entry.finished.push(
      isKept ? { kind: 'agent', agent } : { kind: 'agent', agent: { ...agent, answer: '' }, answerOmitted: true },
    );
    wake(entry);
  }

  /** A budget that is used up settles a run that has not ended. */
  async #settleWhenPaused(entry: Entry): Promise<void> {
    const { state } = await entry.run.settled;
    if (state === 'paused') this.#settle(entry);
  }

  #settle(entry: Entry): void {
    entry.report ??= this.#options.report(entry.run.progress());
    // Whoever watches gets the refusal; without a watcher it concerns nobody.
    entry.report.catch(() => undefined);
    wake(entry);
  }

  #forgetOldest(): void {
    const ended = [...this.#entries].filter(([, { run }]) => isFinalRunState(run.progress().state));
    for (const [runId] of ended.slice(0, -MAX_ENDED_RUNS)) this.#entries.delete(runId);
  }

  #get(runId: RunId): Entry {
    const entry = this.#entries.get(runId);
    if (!entry) {
      throw new AppError(
        'RUN_NOT_LIVE',
        `No live run has the id ${runId}; "flotilla history list" shows past runs, and "flotilla run --resume ${runId}" continues one that was interrupted.`,
      );
    }
    return entry;
  }
}

function wake(entry: Entry): void {
  const { change } = entry;
  entry.change = Promise.withResolvers();
  change.resolve();
}

function hasChanged(before: RunProgress, after: RunProgress): boolean {
  return Object.entries(after).some(([key, value]) => before[key as keyof RunProgress] !== value);
}
