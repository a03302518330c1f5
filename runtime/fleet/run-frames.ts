import type { RuntimeEvent } from '../../shared/events/runtime-event.ts';
import type { RunId } from '../../shared/model/ids.ts';
import { encodeTable, type TableInput } from '../../shared/table/encode-table.ts';
import type { FrameColumn, FrameRow } from '../../shared/table/fold-frames.ts';
import { FrameTiers } from '../../shared/table/frame-tiers.ts';
import { runFrames } from '../../shared/table/run-frames.ts';
import type { MetricValues } from '../telemetry/metrics.ts';
import type { Clock } from '../time/clock.ts';
import { TimeHistogram } from '../telemetry/time-histogram.ts';
import type { AgentTable } from './agent-table.ts';

const MS_PER_S = 1_000;
/** Of a row, so that whoever divides by its length gets a number. */
const LEAST_MS = 1;

const COLUMNS = Object.keys(runFrames.columns) as readonly FrameColumn[];

/** The figures of one run by second; those of older times in longer steps, so that a run of days is kept whole. */
export interface RunFrames {
  /** Rows so far, each counted as it came: the number the next row will have. */
  readonly count: number;
  /** Whether no row will follow. */
  readonly isEnded: boolean;
  /** Table `runFrames` of the rows that begin with number `fromRow` (from 0) or later. */
  encode(fromRow: number): Uint8Array<ArrayBuffer>;
  /** Calls the listener after each row, until disposed of; `isEnded` is true at the last. */
  watch(listener: () => void): Disposable;
}

/** How the run stands when a row is taken. */
export interface FrameSubject {
  readonly runId: RunId;
  readonly table: AgentTable;
  readonly clock: Clock;
}

/**
 * Counts what happens in a run and makes a row of it whenever it is asked: by whoever measures the process, once a second,
 * and at the end of the run for what was left of its last second.
 */
export class RunFrameRecorder implements RunFrames {
  readonly #subject: FrameSubject;
  readonly #rows = new FrameTiers();
  readonly #calls = new TimeHistogram();
  readonly #listeners = new Set<() => void>();
  #isEnded = false;
  /** When the present second began, monotonic. */
  #fromMonoMs: number;
  #toolCallsFailed = 0;
  #turns = 0;
  #outputTokens = 0;
  /** Calls that were asked for and have no result. */
  #inFlight = 0;

  constructor(subject: FrameSubject) {
    this.#subject = subject;
    this.#fromMonoMs = subject.clock.monoMs();
  }

  get count(): number {
    return this.#rows.count;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Takes in an event of the run; allocates nothing. */
  note(event: RuntimeEvent): void {
    if (event.type === 'toolCall.started') this.#inFlight += 1;
    else if (event.type === 'toolCall.finished') {
      this.#inFlight -= 1;
      this.#calls.record(event.ms);
      if (event.state !== 'done') this.#toolCallsFailed += 1;
    } else if (event.type === 'turn.finished' && event.state === 'done') {
      this.#turns += 1;
      this.#outputTokens += event.usage?.outputTokens ?? 0;
    }
  }

  /**
   * Ends the present second: adds its row and answers it as values of a metric frame, `run.<run id>.<column>`, without
   * those that were not measured.
   *
   * @param process What was last measured of the process; `undefined` before the first time.
   */
  take(atMs: number, process: MetricValues | undefined): MetricValues {
    const row = this.#closeRow(atMs, process);
    const values: Record<string, number> = {};
    for (const name of COLUMNS) if (!Number.isNaN(row[name])) values[`run.${this.#subject.runId}.${name}`] = row[name];
    this.#rows.add(row);
    for (const listener of this.#listeners) listener();
    return values;
  }

  /** `take` for what was left of the last second; no row will follow. */
  end(atMs: number, process: MetricValues | undefined): MetricValues {
    this.#isEnded = true;
    return this.take(atMs, process);
  }

  encode(fromRow: number): Uint8Array<ArrayBuffer> {
    const rows = this.#rows.rows(fromRow);
    const columns = COLUMNS.map((name) => [name, rows.map((row) => row[name])]);
    return encodeTable(runFrames, rows.length, Object.fromEntries(columns) as TableInput<typeof runFrames.columns>);
  }

  watch(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #closeRow(atMs: number, process: MetricValues | undefined): FrameRow {
    const { table, clock } = this.#subject;
    const monoMs = clock.monoMs();
    const row: FrameRow = {
      atMs,
      seconds: Math.max(LEAST_MS, monoMs - this.#fromMonoMs) / MS_PER_S,
      toolCalls: this.#calls.count,
      toolCallsFailed: this.#toolCallsFailed,
      turns: this.#turns,
      outputTokens: this.#outputTokens,
      callP50Ms: this.#calls.percentileMs(0.5),
      callP99Ms: this.#calls.percentileMs(0.99),
      running: this.#inFlight,
      waiting: table.queued,
      agents: table.atWork,
      gcPauseMs: process?.['main.gcPauseMaxMs'] ?? NaN,
      loopDelayP99Ms: process?.['main.loopDelayP99Ms'] ?? NaN,
      rssBytes: process?.['main.rssBytes'] ?? NaN,
    };
    this.#fromMonoMs = monoMs;
    this.#calls.clear();
    this.#toolCallsFailed = this.#turns = this.#outputTokens = 0;
    return row;
  }
}
