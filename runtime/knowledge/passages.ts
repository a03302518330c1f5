/** A passage of a document: what a search answers. */
export interface Passage {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Long enough for a thought, short enough that several fit an answer. */
const MAX_PASSAGE_CHARS = 1_200;
/** Shorter ones go together with what follows, so that a heading stays with its paragraph. */
const MIN_PASSAGE_CHARS = 200;

/**
 * Cuts a text into passages at its blank lines, so that each is between about 200 and 1,200 characters; a longer paragraph is
 * cut between lines, a longer line within. Every character that is no blank line is in exactly one passage.
 */
export function* toPassages(path: string, text: string): Generator<Passage> {
  let held: string[] = [];
  let heldChars = 0;
  let firstLine = 1;
  const take = (): Passage => {
    const passage = { path, line: firstLine, text: held.join('\n') };
    held = [];
    heldChars = 0;
    return passage;
  };
  for (const { line, piece } of toPieces(text)) {
    const isBlank = piece.trim() === '';
    const isFull = heldChars + piece.length > MAX_PASSAGE_CHARS || (isBlank && heldChars >= MIN_PASSAGE_CHARS);
    if (isFull && held.length > 0) yield take();
    if (isBlank) continue;
    if (held.length === 0) firstLine = line;
    held.push(piece);
    heldChars += piece.length + 1;
  }
  if (held.length > 0) yield take();
}

/** The lines of a text, those that are too long in parts. */
function* toPieces(text: string): Generator<{ readonly line: number; readonly piece: string }> {
  let line = 0;
  for (const whole of text.split(/\r?\n/)) {
    line++;
    if (whole.length <= MAX_PASSAGE_CHARS) yield { line, piece: whole };
    else for (const piece of whole.match(LONG_PARTS) ?? []) yield { line, piece };
  }
}

const LONG_PARTS = new RegExp(`.{1,${MAX_PASSAGE_CHARS}}`, 'gsu');
