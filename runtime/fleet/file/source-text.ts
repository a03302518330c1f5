import type { FleetProblem } from '../../../shared/fleet/fleet-problem.ts';

/** A text with a name, whose places can be told by line and column. */
export interface SourceText {
  /** As its user named it. */
  readonly name: string;
  readonly text: string;
  /** Offset of each line's first character. */
  readonly lineStarts: readonly number[];
}

/** Makes `text` one whose places can be told. Lines end with LF, CRLF or CR. */
export function createSourceText(name: string, text: string): SourceText {
  const lineStarts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) lineStarts.push(match.index + match[0].length);
  return { name, text, lineStarts };
}

/** The line and column, both from 1, of an offset; one outside the text counts as its nearest end. */
export function toPosition(source: SourceText, offset: number): { readonly line: number; readonly column: number } {
  const inside = Math.min(Math.max(offset, 0), source.text.length);
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (source.lineStarts[middle]! <= inside) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: inside - source.lineStarts[low]! + 1 };
}

/** A line of the text, from 1, without its end. */
function getLine(source: SourceText, line: number): string {
  const start = source.lineStarts[line - 1] ?? source.text.length;
  return source.text.slice(start, source.lineStarts[line]).replace(/[\r\n]+$/, '');
}

/** A place in one of the texts a fleet is made of. */
export interface Place {
  readonly source: SourceText;
  readonly offset: number;
}

/** Longest line shown with a problem, in UTF-16 units. */
const MAX_SHOWN_LENGTH = 200;

/** A problem at a place. */
export function toProblem(place: Place, message: string, hint?: string): FleetProblem {
  const { line, column } = toPosition(place.source, place.offset);
  const sourceLine = getLine(place.source, line);
  return {
    file: place.source.name,
    line,
    column,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(sourceLine.length > MAX_SHOWN_LENGTH ? {} : { sourceLine }),
  };
}
