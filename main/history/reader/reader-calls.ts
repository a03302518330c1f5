import type { FindAgentsOptions } from '../history-records.ts';
import { openForReading, type Connection } from '../store/database.ts';
import { toHistoryFailure } from '../store/history-failure.ts';
import { findAgents } from './agent-search.ts';
import { databaseBytes, tableSizes } from './database-size.ts';
import { fleetRuns } from './fleet-runs.ts';
import { verifyDatabase } from './integrity.ts';
import { checkLedger, unrecordedCalls } from './ledger-check.ts';
import { callPage, sessionPage, turnPage, type PageRequest } from './record-pages.ts';
import { recordedSessionPage } from './recorded-sessions.ts';
import { runFigures } from './run-figures.ts';
import { findRun, getRun, listRuns, runSource, type ListRunsOptions } from './run-queries.ts';
import { search, type SearchOptions } from './search-query.ts';
import { agentPage, type AgentPageRequest } from './review/agent-page.ts';
import { countFrames, framePage, type FramePageRequest } from './review/frame-page.ts';
import { logPage, type LogPageRequest } from './review/log-page.ts';
import { runNotices } from './review/run-notices.ts';
import { runOutline } from './review/run-outline.ts';
import { agentSpans, callTimes, type AgentTimesRequest, type CallTimesRequest } from './review/time-sums.ts';

/** The questions history answers: each reads at most a page and is over when it returns; but `size` and `verify` read everything. */
export type ReaderCalls = ReturnType<typeof createReaderCalls>;

/** The name of a question. */
export type ReaderCallName = Exclude<keyof ReaderCalls, 'close'>;

/** Questions over one connection, which is opened at the first question that finds a database. */
export function createReaderCalls(dataDir: string, clock: { nowMs(): number }) {
  let connection: Connection | undefined;
  const ask = <Answer>(question: (connection: Connection | undefined) => Answer): Answer => {
    try {
      connection ??= openForReading(dataDir);
      return question(connection);
    } catch (error) {
      throw toHistoryFailure(error, dataDir);
    }
  };
  return {
    listRuns: (options?: ListRunsOptions) => ask((connection) => listRuns(connection, options)),
    getRun: (run: string) => ask((connection) => getRun(connection, run)),
    findRun: (run: string) => ask((connection) => findRun(connection, run)),
    runSource: (runId: string) => ask((connection) => runSource(connection, runId)),
    sessionPage: (request: PageRequest) => ask((connection) => sessionPage(connection, request)),
    turnPage: (request: PageRequest) => ask((connection) => turnPage(connection, request)),
    callPage: (request: PageRequest) => ask((connection) => callPage(connection, request)),
    recordedSessionPage: (request: PageRequest) => ask((connection) => recordedSessionPage(connection, request)),
    search: (text: string, options?: SearchOptions) => ask((connection) => search(connection, text, options)),
    findAgents: (text: string, options?: FindAgentsOptions) =>
      ask((connection) => findAgents(connection, text, options)),
    report: (runId: string) => ask((connection) => runFigures(connection, runId, clock.nowMs())),
    checkLedger: (runId: string, path: string) => ask((connection) => checkLedger(connection, runId, path)),
    unrecordedCalls: (runId: string, path: string) => ask((connection) => unrecordedCalls(connection, runId, path)),
    fleetRuns: () => ask((connection) => fleetRuns(connection)),
    agentPage: (request: AgentPageRequest) => ask((connection) => agentPage(connection, request)),
    framePage: (request: FramePageRequest) => ask((connection) => framePage(connection, request)),
    countFrames: (afterMs: number, toMs: number) => ask((connection) => countFrames(connection, afterMs, toMs)),
    logPage: (request: LogPageRequest) => ask((connection) => logPage(connection, request)),
    agentSpans: (request: AgentTimesRequest) => ask((connection) => agentSpans(connection, request)),
    callTimes: (request: CallTimesRequest) => ask((connection) => callTimes(connection, request)),
    runNotices: (runId: string) => ask((connection) => runNotices(connection, runId)),
    runOutline: (runId: string) => ask((connection) => runOutline(connection, runId)),
    bytes: () => ask((connection) => databaseBytes(connection, dataDir)),
    size: () => ask((connection) => tableSizes(connection, dataDir)),
    verify: () => ask((connection) => verifyDatabase(connection)),
    close: () => {
      connection?.close();
      connection = undefined;
    },
  };
}
