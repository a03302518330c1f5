import type { Connection } from '../store/database.ts';

/** Where something stands in a text: start and end, in UTF-16 units. */
export type Mark = readonly [start: number, end: number];

/** The word index's own tokenizer (migration 2): a word is marked exactly where the index would find it, inflected or not. */
const TOKENIZER = 'porter unicode61 remove_diacritics 2';

/** Stand around a mark in what SQLite answers; no text keeps them, because they separate words as a space does. */
const OPENS = '\u0001';
const CLOSES = '\u0002';

const prepared = new WeakSet<Connection>();

/**
 * Where words stand in texts, a list of marks a text, in order and without overlap.
 *
 * @param anyWord A query of the index that any of the words fulfils.
 */
export function markWords(
  connection: Connection,
  anyWord: string,
  texts: readonly string[],
): readonly (readonly Mark[])[] {
  if (!prepared.has(connection)) {
    connection.exec(`CREATE VIRTUAL TABLE temp.marked USING fts5 (text, tokenize = '${TOKENIZER}')`);
    prepared.add(connection);
  }
  const add = connection.prepare('INSERT INTO temp.marked (rowid, text) VALUES (?, ?)');
  const fill = connection.transaction(() => {
    // eslint-disable-next-line no-control-regex -- these very characters are taken out
    for (const [at, text] of texts.entries()) add.run(at, text.replaceAll(/[\u0000-\u0002]/g, ' ').toWellFormed());
  });
  try {
    fill();
    const rows = connection
      .prepare(
        `SELECT rowid AS at, highlight(marked, 0, '${OPENS}', '${CLOSES}') AS text FROM temp.marked WHERE marked MATCH ?`,
      )
      .all(anyWord) as { at: number; text: string }[];
    const marked = new Map(rows.map(({ at, text }) => [at, readMarks(text)]));
    return texts.map((_, at) => marked.get(at) ?? []);
  } finally {
    connection.exec('DELETE FROM temp.marked');
  }
}

function readMarks(text: string): Mark[] {
  const marks: Mark[] = [];
  let signs = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (unit === OPENS) start = at - signs++;
    else if (unit === CLOSES) marks.push([start, at - signs++]);
  }
  return marks;
}
