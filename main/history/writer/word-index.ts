import type { Connection } from '../store/database.ts';

/** Ids and bytes of text that one step takes in at most, but for a row that is larger: a few milliseconds of work. */
const STEP_IDS = 500;
const STEP_BYTES = 256 * 2 ** 10;

/** Rows that changed after they were indexed; each costs a deletion too. */
const STEP_LATE_ROWS = 100;

interface Text {
  readonly id: number;
  readonly text: string;
}

/** Fills the word index behind ingest, in small steps. */
export class WordIndex {
  readonly #statements;
  readonly #step: () => number;
  #stepIds = STEP_IDS;

  constructor(connection: Connection) {
    this.#statements = prepare(connection);
    const transaction = connection.transaction(() => this.#takeLate() + this.#takeNext());
    this.#step = () => transaction.immediate();
  }

  /** Takes in a few rows; answers how many ids it is nearer to the end, 0 when the index is up to date. */
  step(): number {
    return this.#step();
  }

  /** Rows that are not indexed yet, at most. */
  lag(): number {
    return (this.#statements.lag.get() as { lag: number }).lag;
  }

  #takeLate(): number {
    const late = this.#statements.late.all(STEP_LATE_ROWS) as { id: number }[];
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
    const from = behind.indexed_id;
    const to = this.#endOfStep(from, behind.last_id);
    this.#statements.addRange.run({ from, to });
    this.#statements.move.run(to, behind.run);
    return to - from;
  }

  /** Halves the step until its text is bounded; it grows again where texts are short. */
  #endOfStep(from: number, lastId: number): number {
    const size = (ids: number): number => this.#statements.bytes.get({ from, to: from + ids }) as number;
    let ids = Math.min(STEP_IDS, this.#stepIds * 2, lastId - from);
    while (ids > 1 && size(ids) > STEP_BYTES) ids = Math.floor(ids / 2);
    this.#stepIds = ids;
    return from + ids;
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

/** What the rows of a step hold; lengths stand in front of a row, so that no text is read for it. */
const BYTES = [
  'octet_length(system) + octet_length(prompt)) FROM prompts',
  'octet_length(answer)) FROM answers',
  'octet_length(text)) FROM turns',
  'octet_length(arguments) + coalesce(octet_length(output), 0)) FROM tool_calls',
]
  .map((sum) => `coalesce((SELECT sum(${sum} WHERE id > :from AND id <= :to), 0)`)
  .join(' + ')
  .replace(/^/, 'SELECT ');

function prepare(connection: Connection) {
  return {
    behind: connection.prepare(`
      SELECT run, indexed_id, next_id - 1 AS last_id FROM word_cursors JOIN runs USING (run)
      WHERE indexed_id < next_id - 1 ORDER BY run LIMIT 1`),
    lag: connection.prepare(`
      SELECT (SELECT count(*) FROM word_late) + coalesce(sum(next_id - 1 - indexed_id), 0) AS lag
      FROM word_cursors JOIN runs USING (run) WHERE indexed_id < next_id - 1`),
    bytes: connection.prepare(BYTES).pluck(),
    // Ascending ids, as the index wants them: it writes itself out whenever one is smaller than the last.
    addRange: connection.prepare(
      `INSERT INTO words (rowid, text) SELECT id, text FROM (${TEXTS((id) => `${id} > :from AND ${id} <= :to`)}) ORDER BY id`,
    ),
    one: connection.prepare(TEXTS((id) => `${id} = :id`)),
    add: connection.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)'),
    forget: connection.prepare('DELETE FROM words WHERE rowid = ?'),
    late: connection.prepare('SELECT id FROM word_late LIMIT ?'),
    removeLate: connection.prepare('DELETE FROM word_late WHERE id = ?'),
    move: connection.prepare('UPDATE word_cursors SET indexed_id = ? WHERE run = ?'),
  };
}
