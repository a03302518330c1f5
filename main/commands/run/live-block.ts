import { widthOf } from '../text-width.ts';

/** Lines at the end of a terminal that are drawn over and over. */
export interface LiveBlock extends Disposable {
  /** Draws these lines in place of those before; each must fit into the width. */
  draw(lines: readonly string[]): void;
  /** Takes the block away, lets `write` say something that stays, and draws it again below. */
  around(write: () => void): void;
}

/** A terminal as the block needs it. */
export interface BlockTerminal {
  readonly columns: number;
  write(text: string): unknown;
}

const ESC = '\u001b[';
/** Terminals that know it show everything between as one picture; the others ignore it. */
const BEGIN = `${ESC}?2026h`;
const END = `${ESC}?2026l`;
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
const CLEAR_LINE_END = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

/** Opens a block at the cursor; nothing is drawn yet. Disposing of it removes the block. */
export function openLiveBlock(terminal: BlockTerminal): LiveBlock {
  let shown: readonly string[] = [];
  // A terminal that became narrower has wrapped the lines that stand there.
  const toTop = (): string => {
    // One that does not say how wide it is has nothing wrapped, as far as can be known.
    const columns = terminal.columns > 0 ? terminal.columns : Infinity;
    const rows = shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    return rows === 0 ? '' : `${ESC}${rows}A\r`;
  };
  const draw = (lines: readonly string[]): void => {
    const text = lines.map((line) => `${line}${CLEAR_LINE_END}\n`).join('');
    terminal.write(`${BEGIN}${HIDE_CURSOR}${toTop()}${text}${CLEAR_BELOW}${END}`);
    shown = lines;
  };
  const clear = (): void => {
    if (shown.length > 0) terminal.write(`${toTop()}${CLEAR_BELOW}`);
    shown = [];
  };
  return {
    draw,
    around(write) {
      const lines = shown;
      clear();
      write();
      if (lines.length > 0) draw(lines);
    },
    [Symbol.dispose]() {
      clear();
      terminal.write(SHOW_CURSOR);
    },
  };
}
