import type { FoundText } from '../../../shared/contract/history.ts';

/** A piece of a found text: plain, or one of the words searched for. */
export interface TextPiece {
  readonly text: string;
  readonly isMarked: boolean;
}

/** Finds of one run, in the order they came. */
export interface FoundRun {
  readonly runId: string;
  readonly fleet: string;
  readonly hits: readonly FoundText[];
}

/** `text` without the space before it, cut at its marks. Marks that overlap or lie outside are taken as far as they can be shown. */
export function cutAtMarks(text: string, marks: FoundText['marks']): TextPiece[] {
  const pieces: TextPiece[] = [];
  let at = text.length - text.trimStart().length;
  for (const [start, end] of marks.toSorted((a, b) => a[0] - b[0])) {
    const from = Math.max(at, start);
    const to = Math.min(end, text.length);
    if (to <= from) continue;
    if (from > at) pieces.push({ text: text.slice(at, from), isMarked: false });
    pieces.push({ text: text.slice(from, to), isMarked: true });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isMarked: false });
  return pieces;
}

/** Letters, and lines, that stand before the first mark of an excerpt: it is three lines long, so that the mark is on the first or second. */
const LEAD_CHARS = 60;
const LEAD_LINES = 1;

/**
 * The pieces of `text` around its first mark, for a few lines: what stands far before it is left out (`…`), and long runs of
 * spaces and empty lines are short, so that the words found are in sight wherever they stand.
 */
export function toExcerpt(text: string, marks: FoundText['marks']): TextPiece[] {
  const [first, ...rest] = cutAtMarks(text, marks).map((piece) => ({ ...piece, text: tighten(piece.text) }));
  if (!first || first.isMarked || rest.length === 0) return first ? [first, ...rest] : [];
  const lead = toLead(first.text);
  return lead === '' ? rest : [{ text: lead, isMarked: false }, ...rest];
}

function tighten(text: string): string {
  return text.replaceAll(/[^\S\n]{2,}/gu, ' ').replaceAll(/\s*\n\s*\n\s*/gu, '\n');
}

/** The end of the text before a mark: so much of it as stands on few lines and is short, from the beginning of a word on. */
function toLead(text: string): string {
  const lines = text
    .split('\n')
    .slice(-1 - LEAD_LINES)
    .join('\n');
  const near = lines.slice(-LEAD_CHARS);
  if (near === text) return text;
  const isCutInWord = near !== lines && /\S/u.test(lines.at(-near.length - 1) ?? '');
  const whole = isCutInWord ? near.replace(/^\S+(?=\s)/u, '') : near;
  return `… ${whole.toWellFormed().trimStart()}`;
}

/** Neighbouring finds of the same run together: they come newest first and stay so. */
export function groupByRun(hits: readonly FoundText[]): FoundRun[] {
  const runs: { runId: string; fleet: string; hits: FoundText[] }[] = [];
  for (const hit of hits) {
    const last = runs.at(-1);
    if (last?.runId === hit.runId) last.hits.push(hit);
    else runs.push({ runId: hit.runId, fleet: hit.fleet, hits: [hit] });
  }
  return runs;
}

/** Which kind of text a find stands in. */
export function toPlaceText({ what, tool, turn }: Pick<FoundText, 'what' | 'tool' | 'turn'>): string {
  const where = turn === undefined ? '' : `, turn ${turn}`;
  if (what === 'toolCall') return `${tool ?? 'tool'}${where}`;
  if (what === 'turn') return turn === undefined ? 'answer of a turn' : `answer of turn ${turn}`;
  return what === 'prompt' ? 'prompt' : 'answer';
}
