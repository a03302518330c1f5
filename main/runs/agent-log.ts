import type { LiveRun } from '../../runtime/fleet/fleets.ts';
import type { AgentLogItem } from '../../shared/contract/run-schemas.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { AgentIndex, RunId } from '../../shared/model/ids.ts';
import { isFinalAgentState, isFinalRunState } from '../../shared/model/states.ts';
import type { LogPage } from '../history/reader/review/log-page.ts';
import { toOutputItem } from '../history/reader/review/log-items.ts';
import { toLogItems } from './log-events.ts';
import type { RunRooms } from './run-rooms.ts';

/** Entries that may wait for a slow receiver; with more the log begins anew from history. */
const MAX_WAITING = 2_000;

/** A history that cannot be written for so long does not hold up its readers. */
const FLUSH_WAIT_MS = 2_000;

/** A program that prints without a stop is shown a few times a second. */
const OUTPUT_MS = 200;

/** Whose log. */
export interface LogSubject {
  readonly runId: RunId;
  readonly agent: AgentIndex;
}

/**
 * The log of one agent: its newest entries, then of a live one each as it happens, until it has ended.
 *
 * @throws {AppError} RUN_NOT_FOUND (also for an agent that the run does not have), HISTORY_LOCKED, HISTORY_DAMAGED
 */
export async function* streamLog(
  rooms: RunRooms,
  subject: LogSubject,
  signal: AbortSignal,
): AsyncGenerator<AgentLogItem> {
  const run = rooms.journal.find(subject.runId)?.run;
  if (!run) {
    await rooms.history.reader.getRun(subject.runId);
    const page = await rooms.history.reader.logPage(subject);
    if (page.state === undefined) throw noSuchAgent(subject);
    yield* toBaseline(page);
  } else {
    if (subject.agent >= run.table.size) throw noSuchAgent(subject);
    yield* liveLog(rooms, run, subject, signal);
  }
}

/**
 * Entries before a place of the log, oldest first; the newest page where no place is given.
 *
 * @throws {AppError} RUN_NOT_FOUND, INPUT_INVALID for a place that no page has named.
 */
export async function readEarlierLog(
  { history: { reader } }: RunRooms,
  { runId, agent, before }: LogSubject & { readonly before?: string },
): Promise<{ items: AgentLogItem[]; older?: string }> {
  await reader.getRun(runId);
  const { items, older } = await reader.logPage({ runId, agent, before });
  return { items: [...items], older };
}

function noSuchAgent({ runId, agent }: LogSubject): AppError {
  return new AppError('RUN_NOT_FOUND', `Run ${runId} has no agent ${agent}; agents are counted from 0.`);
}

function* toBaseline({ items, older }: LogPage): Generator<AgentLogItem> {
  yield* items;
  yield { kind: 'baseline', older };
}

/** What has happened and was not sent yet; the newest word on each entry. */
class Waiting implements Disposable {
  /** In the order in which they came; `undefined` when there were too many. */
  #items: Map<string, AgentLogItem> | undefined = new Map();
  #change = Promise.withResolvers<void>();
  readonly #run: LiveRun;
  readonly #agent: AgentIndex;
  readonly #watching = new DisposableStack();
  /** What its program printed was not sent yet. */
  #hasOutput: boolean;

  constructor(run: LiveRun, agent: AgentIndex) {
    this.#run = run;
    this.#agent = agent;
    this.#hasOutput = run.output.of(agent) !== undefined;
    const observing = run.observe((event) => {
      if ('agent' in event && event.agent === agent) for (const item of toLogItems(event)) this.#add(item);
      if (event.type === 'run.changed') this.wake();
    });
    const listening = run.output.watch((printed) => {
      if (printed !== agent) return;
      this.#hasOutput = true;
      this.wake();
    });
    this.#watching.use(observing);
    this.#watching.use(listening);
  }

  /** Resolves when something came since `take`. */
  get change(): Promise<void> {
    return this.#change.promise;
  }

  wake(): void {
    this.#change.resolve();
  }

  /** What waits, oldest first; `undefined` when there was too much of it: then what was missed is in history. */
  take(): AgentLogItem[] | undefined {
    const items = this.#items && [...this.#items.values()];
    this.#items = new Map();
    this.#change = Promise.withResolvers();
    return items;
  }

  /** What its program has printed by now, when that was not taken yet. */
  takeOutput(): AgentLogItem | undefined {
    const tail = this.#hasOutput ? this.#run.output.of(this.#agent) : undefined;
    this.#hasOutput = false;
    return tail && toOutputItem(tail);
  }

  #add(item: AgentLogItem): void {
    if ('key' in item) this.#items?.set(item.key, item);
    if (this.#items && this.#items.size > MAX_WAITING) this.#items = undefined;
    this.wake();
  }

  [Symbol.dispose](): void {
    this.#watching.dispose();
  }
}

async function* liveLog(
  rooms: RunRooms,
  run: LiveRun,
  subject: LogSubject,
  signal: AbortSignal,
): AsyncGenerator<AgentLogItem> {
  // Before history is read: what happens meanwhile comes twice, under the same key, rather than not at all.
  using waiting = new Waiting(run, subject.agent);
  const onAbort = (): void => waiting.wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    yield* readBaseline(rooms, subject);
    while (!signal.aborted) {
      const isOver = hasEnded(run, subject.agent);
      const items = waiting.take();
      if (items) yield* items;
      else {
        yield { kind: 'restart' };
        yield* readBaseline(rooms, subject);
      }
      if (isOver) return;
      const output = waiting.takeOutput();
      if (output) {
        yield output;
        await rooms.clock.sleep(OUTPUT_MS, signal).catch(() => undefined);
      }
      // Resolved already when something came while the receiver was slow.
      await waiting.change;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function hasEnded(run: LiveRun, agent: AgentIndex): boolean {
  const state = run.table.stateOf(agent);
  return isFinalRunState(run.progress().state) || (state !== undefined && isFinalAgentState(state));
}

/** What is recorded; all that happened before is made durable first. While the disk is full, only what is. */
async function* readBaseline({ history, clock }: RunRooms, subject: LogSubject): AsyncGenerator<AgentLogItem> {
  const given = new AbortController();
  const flushed = history.flush().catch(() => undefined);
  await Promise.race([flushed, clock.sleep(FLUSH_WAIT_MS, given.signal).catch(() => undefined)]);
  given.abort();
  yield* toBaseline(await history.reader.logPage(subject));
}
