/** Letters that take two columns of a terminal: East Asian wide ones and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Marks that stand on the letter before them. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Columns of a terminal that `text` takes, for one line without control characters. */
export function widthOf(text: string): number {
  // oxlint-disable-next-line no-control-regex -- plain ASCII is by far the most frequent
  if (/^[\u0000-\u007f]*$/.test(text)) return text.length;
  let columns = 0;
  for (const letter of text) columns += widthOfLetter(letter);
  return columns;
}

/** `text` on one line of at most `columns`; what is cut off becomes `…`. */
export function toOneLine(text: string, columns: number): string {
  // More than this cannot be seen, whatever its width.
  const line = text
    .slice(0, columns * 8 + 200)
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (widthOf(line) <= columns) return line;
  let kept = '';
  let taken = 0;
  for (const letter of line) {
    taken += widthOfLetter(letter);
    if (taken > columns - 1) break;
    kept += letter;
  }
  return columns < 1 ? '' : `${kept.trimEnd()}…`;
}

/** `text` with spaces behind it up to `columns`. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

function widthOfLetter(letter: string): number {
  if (NO_WIDTH.test(letter)) return 0;
  return WIDE.test(letter) ? 2 : 1;
}
