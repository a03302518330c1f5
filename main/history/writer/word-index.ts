import type { Connection } from '../store/database.ts';

/** Rows taken in by one step: a few milliseconds, so that a batch never waits long behind it. */
const STEP_ROWS = 100;

interface Text {
  readonly id: number;
  readonly text: string;
}

/** Fills the word index behind ingest, in small steps. */
export class WordIndex {
  readonly #statements;
  readonly #step: () => number;

  constructor(connection: Connection) {
    this.#statements = prepare(connection);
    const transaction = connection.transaction(() => this.#takeLate() + this.#takeNext());
    this.#step = () => transaction.immediate();
  }

  /** Takes in a few rows; answers how many, 0 when the index is up to date. */
  step(): number {
    return this.#step();
  }

  /** Rows that are not indexed yet, at most. */
  lag(): number {
    return (this.#statements.lag.get() as { lag: number }).lag;
  }

  #takeLate(): number {
    const late = this.#statements.late.all(STEP_ROWS) as { id: number }[];
    for (const { id } of late) {
      const row = this.#statements.one.get({ id }) as Text | undefined;
      this.#statements.forget.run(id);
      if (row) this.#statements.add.run(row.id, row.text);
      this.#statements.removeLate.run(id);
    }
    return late.length;
  }

  #takeNext(): number {
    const behind = this.#statements.behind.get() as { run: number; indexed_id: number; last_id: number } | undefined;
    if (!behind) return 0;
    const rows = this.#statements.next.all({ from: behind.indexed_id, to: behind.last_id, limit: STEP_ROWS }) as Text[];
    for (const { id, text } of rows) this.#statements.add.run(id, text);
    const isAll = rows.length < STEP_ROWS;
    const reached = isAll ? behind.last_id : rows.at(-1)!.id;
    this.#statements.move.run(reached, behind.run);
    return Math.max(1, rows.length);
  }
}

/** Every text of a row in one; a model's answer is the text of its last turn and stands there. */
const TEXTS = (isWanted: (id: string) => string): string => `
  SELECT id, system || char(10) || prompt AS text FROM prompts WHERE ${isWanted('id')}
  UNION ALL
  SELECT answers.id, answer FROM answers JOIN sessions USING (run, agent) WHERE ${isWanted('answers.id')} AND kind <> 'model'
  UNION ALL
  SELECT id, text FROM turns WHERE ${isWanted('id')} AND text <> ''
  UNION ALL
  SELECT id, tool || char(10) || arguments || char(10) || coalesce(output, '') FROM tool_calls WHERE ${isWanted('id')}`;

function prepare(connection: Connection) {
  return {
    behind: connection.prepare(`
      SELECT run, indexed_id, next_id - 1 AS last_id FROM word_cursors JOIN runs USING (run)
      WHERE indexed_id < next_id - 1 ORDER BY run LIMIT 1`),
    lag: connection.prepare(`
      SELECT (SELECT count(*) FROM word_late) + coalesce(sum(next_id - 1 - indexed_id), 0) AS lag
      FROM word_cursors JOIN runs USING (run) WHERE indexed_id < next_id - 1`),
    next: connection.prepare(
      `SELECT id, text FROM (${TEXTS((id) => `${id} > :from AND ${id} <= :to`)}) ORDER BY id LIMIT :limit`,
    ),
    one: connection.prepare(TEXTS((id) => `${id} = :id`)),
    add: connection.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)'),
    forget: connection.prepare('DELETE FROM words WHERE rowid = ?'),
    late: connection.prepare('SELECT id FROM word_late LIMIT ?'),
    removeLate: connection.prepare('DELETE FROM word_late WHERE id = ?'),
    move: connection.prepare('UPDATE word_cursors SET indexed_id = ? WHERE run = ?'),
  };
}
