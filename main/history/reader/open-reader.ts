import { AppError, toAppError, type ErrorData } from '../../../shared/errors/app-error.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openThread } from '../../../runtime/workers/thread.ts';
import type { HistoryReader } from '../history.ts';
import type { Page, PageRequest } from './record-pages.ts';
import { openSizeQuestion } from './size-question.ts';
import { createReaderCalls, type ReaderCallName, type ReaderCalls } from './reader-calls.ts';

/** A question on its way to the reader's thread. */
export interface ReaderRequest {
  readonly id: number;
  readonly name: ReaderCallName;
  readonly input: readonly unknown[];
}

/** The thread's answer. */
export type ReaderReply =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: ErrorData };

type Ask = <Name extends ReaderCallName>(
  name: Name,
  ...input: Parameters<ReaderCalls[Name]>
) => Promise<ReturnType<ReaderCalls[Name]>>;

/**
 * Reads the history of a data directory in the calling thread: for commands, which have nothing else to do. Works beside
 * the program that writes it; a directory without a history answers as an empty one.
 *
 * Errors reach the call that met them: HISTORY_LOCKED, HISTORY_DAMAGED, HISTORY_NEWER, DATA_DIR_READ_ONLY.
 */
export async function openHistoryReader(options: { readonly dataDir: string }): Promise<HistoryReader> {
  const calls = createReaderCalls(options.dataDir, systemClock);
  const ask: Ask = async (name, ...input) => {
    const call = calls[name] as (...input: unknown[]) => never;
    return call(...input);
  };
  return composeReader(
    ask,
    () => ask('size'),
    async () => calls.close(),
  );
}

/** Reads in a thread of its own, so that no question holds up main. */
export function openReaderThread(dataDir: string): HistoryReader {
  const thread = openThread({
    name: 'history-reader',
    module: new URL('./reader-thread.ts', import.meta.url),
    data: { dataDir },
  });
  const open = new Map<number, PromiseWithResolvers<never>>();
  let nextId = 1;
  let lost: AppError | undefined;
  thread.onMessage((message) => {
    const reply = message as ReaderReply;
    const asked = open.get(reply.id);
    open.delete(reply.id);
    if ('error' in reply) asked?.reject(AppError.fromData(reply.error));
    else asked?.resolve(reply.output as never);
  });
  thread.onEnd((error) => {
    lost = toAppError(error ?? new Error('The history is closed.'));
    for (const asked of open.values()) asked.reject(lost);
    open.clear();
  });
  const ask: Ask = (name, ...input) => {
    if (lost) return Promise.reject(lost);
    const asked = Promise.withResolvers<never>();
    const id = nextId++;
    open.set(id, asked);
    thread.post({ id, name, input } satisfies ReaderRequest);
    return asked.promise;
  };
  const sizes = openSizeQuestion(dataDir);
  return composeReader(ask, sizes.ask, async () => {
    await Promise.all([sizes[Symbol.asyncDispose](), thread[Symbol.asyncDispose]()]);
  });
}

function composeReader(ask: Ask, size: HistoryReader['size'], close: () => Promise<void>): HistoryReader {
  return {
    listRuns: (options) => ask('listRuns', options),
    getRun: (run) => ask('getRun', run),
    findRun: (run) => ask('findRun', run),
    runSource: (runId) => ask('runSource', runId),
    sessions: (runId) => pages((request) => ask('sessionPage', request), { runId }),
    turns: (runId, agent) => pages((request) => ask('turnPage', request), { runId, agent }),
    toolCalls: (runId, agent) => pages((request) => ask('callPage', request), { runId, agent }),
    search: (text, options) => ask('search', text, options),
    findAgents: (text, options) => ask('findAgents', text, options),
    report: (runId) => ask('report', runId),
    checkLedger: (runId, path) => ask('checkLedger', runId, path),
    unrecordedCalls: (runId, path) => ask('unrecordedCalls', runId, path),
    recordedSessions: (runId) => pages((request) => ask('recordedSessionPage', request), { runId }),
    fleetRuns: () => ask('fleetRuns'),
    agentPage: (request) => ask('agentPage', request),
    framePage: (request) => ask('framePage', request),
    countFrames: (afterMs, toMs) => ask('countFrames', afterMs, toMs),
    logPage: (request) => ask('logPage', request),
    agentSpans: (request) => ask('agentSpans', request),
    callTimes: (request) => ask('callTimes', request),
    notices: (runId) => ask('runNotices', runId),
    outline: (runId) => ask('runOutline', runId),
    bytes: () => ask('bytes'),
    size,
    verify: () => ask('verify'),
    [Symbol.asyncDispose]: close,
  };
}

/** One page in memory at a time. */
async function* pages<Item>(
  read: (request: PageRequest) => Promise<Page<Item>>,
  request: PageRequest,
): AsyncGenerator<Item> {
  let after: number | undefined;
  do {
    const page: Page<Item> = await read({ ...request, after });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
