import type { SpillStore } from '../../runtime/cache/named/spill-store.ts';
import type { RecordedSession } from '../../runtime/agent/recorded-session.ts';
import type { ErrorData } from '../../shared/errors/app-error.ts';
import type { EventSink } from '../../shared/events/event-sink.ts';
import type { SettingChange } from '../../shared/contract/settings.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { SettingValue } from '../../shared/settings/define-setting.ts';
import type {
  FindAgentsOptions,
  FoundAgentPage,
  HistoryBytes,
  LedgerCheck,
  RunFigures,
  RunFilter,
  RunPage,
  RunRecord,
  RunSource,
  SearchPage,
  SessionRecord,
  SizeRecord,
  ToolCallRecord,
  TurnRecord,
  UnrecordedCall,
} from './history-records.ts';
import type { AgentPage, AgentPageRequest } from './reader/review/agent-page.ts';
import type { FramePage, FramePageRequest } from './reader/review/frame-page.ts';
import type { LogPage, LogPageRequest } from './reader/review/log-page.ts';
import type { NoticeRecord } from './reader/review/run-notices.ts';
import type { RunOutline } from './reader/review/run-outline.ts';
import type { AgentSpans, AgentTimesRequest, CallTimes, CallTimesRequest } from './reader/review/time-sums.ts';

/** What the page of one run asks: each answers a page, and goes on where the page before it ended. */
interface RunPageReader {
  /** Agents in the order of the fleet file, as tables; `undefined` when the run is not recorded. */
  agentPage(request: AgentPageRequest): Promise<AgentPage | undefined>;
  /** Figures of a run among the metric frames of a time, folded. */
  framePage(request: FramePageRequest): Promise<FramePage>;
  /** How many metric frames were recorded after one moment and not after another. */
  countFrames(afterMs: number, toMs: number): Promise<number>;
  /** Entries of an agent's log, the newest or those before a place. @throws {AppError} INPUT_INVALID */
  logPage(request: LogPageRequest): Promise<LogPage>;
  /** Where an agent's time went without its calls; `undefined` when the run has no such agent. */
  agentSpans(request: AgentTimesRequest): Promise<AgentSpans | undefined>;
  /** Time in tool calls; calls of one turn share the time that passed. */
  callTimes(request: CallTimesRequest): Promise<CallTimes>;
  /** The newest notices of a run, newest first. */
  notices(runId: RunId): Promise<readonly NoticeRecord[]>;
  /** What the recorded fleet file says of models, budget and results. @throws {AppError} RUN_NOT_FOUND */
  outline(runId: RunId): Promise<RunOutline>;
}

/** Answers questions about what was recorded. No call reads more than a page; a missing database is an empty history. */
export interface HistoryReader extends RunPageReader, AsyncDisposable {
  /** Newest first. */
  listRuns(options?: {
    readonly limit?: number;
    readonly after?: string;
    readonly filter?: RunFilter;
  }): Promise<RunPage>;
  /** `run` is an id or its unique beginning. @throws {AppError} RUN_NOT_FOUND */
  getRun(run: string): Promise<RunRecord>;
  findRun(run: string): Promise<RunRecord | undefined>;
  /** The fleet file and what was set over it, as launched. @throws {AppError} RUN_NOT_FOUND */
  runSource(runId: RunId): Promise<RunSource>;
  /** In the order of the fleet file. */
  sessions(runId: RunId): AsyncIterable<SessionRecord>;
  /** In the order in which they began. */
  turns(runId: RunId, agent?: number): AsyncIterable<TurnRecord>;
  /** In the order in which they began. */
  toolCalls(runId: RunId, agent?: number): AsyncIterable<ToolCallRecord>;
  /** Rows that hold every word of `text`, newest first. Any text is allowed; one without a word finds nothing. */
  search(
    text: string,
    options?: { readonly limit?: number; readonly after?: string; readonly runId?: RunId },
  ): Promise<SearchPage>;
  /**
   * Agents whose names hold every piece of `text` (between spaces, in either case, accents or not): of all runs the newest first, of one
   * run in the order of the fleet file.
   */
  findAgents(text: string, options?: FindAgentsOptions): Promise<FoundAgentPage>;
  /** What the end of a run says, from history alone. @throws {AppError} RUN_NOT_FOUND */
  report(runId: RunId): Promise<RunFigures>;
  /**
   * Compares the calls of a run with the file its tools wrote, in bounded memory; a missing file is an empty one.
   *
   * @throws {AppError} RUN_NOT_FOUND
   */
  checkLedger(runId: RunId, ledgerPath: string): Promise<LedgerCheck>;
  /** Calls that the tools' file has and history has not. @throws {AppError} RUN_NOT_FOUND */
  unrecordedCalls(runId: RunId, ledgerPath: string): Promise<readonly UnrecordedCall[]>;
  /** Every agent of the run, in the order of the fleet file, as a resume needs it. */
  recordedSessions(runId: RunId): AsyncIterable<RecordedSession>;
  /** The newest run of each fleet file, the newest first; at most 500. */
  fleetRuns(): Promise<readonly RunRecord[]>;
  /** What the files take: answered at once, however large they are. */
  bytes(): Promise<HistoryBytes>;
  /**
   * Bytes by table, largest first. Reads every page of the database, 10 s and more for gigabytes, in a thread of its own: no
   * other question waits.
   *
   * @param signal Ends it; it rejects with the signal's reason.
   */
  size(signal?: AbortSignal): Promise<readonly SizeRecord[]>;
  /** What is wrong with the database, a sentence each; empty when nothing is. */
  verify(): Promise<readonly string[]>;
}

/** The store, as the rest of main sees it: a sink for facts and a reader for questions. */
export interface History extends AsyncDisposable {
  readonly sink: EventSink;
  /** Answers from a thread of its own; sees what has been flushed. */
  readonly reader: HistoryReader;
  /** For contexts of sessions that leave memory; nothing of it outlives the program. */
  readonly spillStore: SpillStore;
  /**
   * Records a change of a setting, once a version: what is known already stays as it is. A run names the version that it was
   * launched with.
   *
   * @param settings Every setting's value from this change on, where it is known.
   */
  recordSettingChange(change: SettingChange, settings?: Readonly<Record<string, SettingValue>>): void;
  /** Resolves when everything emitted so far is durable; waits while the disk is full. */
  flush(): Promise<void>;
  stats(): HistoryStats;
}

/** The sink at one moment. */
export interface HistoryStats {
  /** Records that wait or are being written, and their bound. */
  readonly pending: number;
  readonly capacity: number;
  readonly written: number;
  /** Metric frames and passing agent states left out because the writer was behind. */
  readonly sampledOut: number;
  /** Age of the oldest record that is not durable yet. */
  readonly lagMs: number;
  /** Rows the word index has still to take in, at most; and how long it has been behind. */
  readonly wordLag: number;
  readonly walBytes: number;
  /** Why nothing can be written at present. */
  readonly trouble: ErrorData | undefined;
}
