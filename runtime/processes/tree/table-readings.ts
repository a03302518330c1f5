import type { Clock } from '../../time/clock.ts';
import { groupByOwner, type OwnedEntries } from './tree-members.ts';
import { readProcessTable, type ProcessTable, type TableQuery } from './process-table.ts';

/** In the long run readings take at most this share of a processor, so that hundreds of ends do not slow its starts. */
const MAX_BUSY_RATIO = 0.1;

/** This much reading may be done at once before that share counts, so that one program after another does not wait for it. */
const BURST_MS = 40;

/** No asker waits longer for a reading to begin, however much there is to read. */
const MAX_REST_MS = 250;

/** A reading of the process table. */
export interface Reading {
  readonly table: ProcessTable;
  readonly owned: OwnedEntries;
}

/** What the readings are made of. */
export interface ReadingsOptions {
  readonly clock: Clock;
  readonly instance: string;
  readonly read?: (query: TableQuery) => Promise<ProcessTable>;
  /** Processor time used so far, in milliseconds: on a busy machine a reading takes long and costs little. */
  readonly usedMs?: () => number;
}

/** Reads the process table for many askers at once. */
export class TableReadings {
  readonly #clock: Clock;
  readonly #instance: string;
  readonly #read: (query: TableQuery) => Promise<ProcessTable>;
  readonly #usedMs: () => number;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<Reading> | undefined;
  /** Reading done beyond the share, at `#debtAtMonoMs`; it shrinks as time passes. */
  #debtMs = 0;
  #debtAtMonoMs = 0;

  constructor(options: ReadingsOptions) {
    this.#clock = options.clock;
    this.#instance = options.instance;
    this.#read = options.read ?? readProcessTable;
    this.#usedMs = options.usedMs ?? processorMs;
  }

  /** A reading that begins after this call; askers who wait for the same one share it. Rejects when the table cannot be read. */
  fresh(): Promise<Reading> {
    this.#next ??= this.#start(this.#last);
    return this.#next;
  }

  async #start(last: Promise<unknown>): Promise<Reading> {
    await last;
    const restMs = Math.min(MAX_REST_MS, (this.#debtNowMs() - BURST_MS) / MAX_BUSY_RATIO);
    if (restMs > 0) await this.#clock.sleep(restMs);
    const reading = this.#readNow();
    this.#last = reading.catch(() => undefined);
    this.#next = undefined;
    return reading;
  }

  async #readNow(): Promise<Reading> {
    const usedBeforeMs = this.#usedMs();
    try {
      const table = await this.#read({ withTokens: true });
      return { table, owned: groupByOwner(table, this.#instance) };
    } finally {
      this.#debtMs = this.#debtNowMs() + this.#usedMs() - usedBeforeMs;
      this.#debtAtMonoMs = this.#clock.monoMs();
    }
  }

  #debtNowMs(): number {
    return Math.max(0, this.#debtMs - (this.#clock.monoMs() - this.#debtAtMonoMs) * MAX_BUSY_RATIO);
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
