import type { Connection } from '../store/database.ts';

interface CheckpointRow {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/** Pages after which the log is folded back as far as readers allow: often enough to stay small, seldom enough to be cheap. */
const PASSIVE_PAGES = 2_000;

/** A truncating checkpoint waits this long for readers; a batch may be waiting behind it. */
const TRUNCATE_WAIT_MS = 40;

/**
 * Keeps the write-ahead log bounded.
 *
 * Our own readers hold the database for one page of rows at a time, so that a passive checkpoint soon comes to the end.
 * A foreign reader that stays pins the log; above the bound each further checkpoint asks for the log to be truncated.
 */
export class WriteAheadLog {
  bytes = 0;
  readonly #connection: Connection;
  readonly #maxPages: number;
  readonly #pageBytes: number;
  #passiveFrom = PASSIVE_PAGES;

  constructor(connection: Connection, maxBytes: number) {
    this.#connection = connection;
    this.#pageBytes = connection.pragma('page_size', { simple: true }) as number;
    this.#maxPages = Math.floor(maxBytes / this.#pageBytes);
    connection.pragma(`journal_size_limit = ${maxBytes}`);
  }

  /** To be called between batches. */
  tend(): void {
    const { log } = this.#checkpoint('NOOP');
    this.bytes = log * this.#pageBytes;
    if (log > this.#maxPages) this.truncate();
    else if (log >= this.#passiveFrom) {
      const { log: left, checkpointed } = this.#checkpoint('PASSIVE');
      this.#passiveFrom = checkpointed < left ? log + PASSIVE_PAGES / 4 : PASSIVE_PAGES;
    }
  }

  /** Folds everything back and cuts the file, unless a reader holds on to it. */
  truncate(): void {
    const waitMs = this.#connection.pragma('busy_timeout', { simple: true }) as number;
    this.#connection.pragma(`busy_timeout = ${TRUNCATE_WAIT_MS}`);
    try {
      const { log } = this.#checkpoint('TRUNCATE');
      this.bytes = Math.max(log, 0) * this.#pageBytes;
    } finally {
      this.#connection.pragma(`busy_timeout = ${waitMs}`);
    }
  }

  #checkpoint(mode: 'NOOP' | 'PASSIVE' | 'TRUNCATE'): CheckpointRow {
    return (this.#connection.pragma(`wal_checkpoint(${mode})`) as CheckpointRow[])[0]!;
  }
}
