/** A key as it was pressed; what a `KeyboardEvent` says. */
export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** Between the keys of a row no more than this may pass. */
const ROW_MS = 1_000;

const CAPS: Readonly<Record<string, string>> = {
  escape: 'Esc',
  enter: '⏎',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  space: 'Space',
};

/** One key in the spelling of hotkeys: `mod+k`, `?`, `g`, `escape`. Shift shows in the key itself. */
export function toStroke({ key, ctrlKey, metaKey, altKey }: Pressed): string {
  const name = key === ' ' ? 'space' : key.toLowerCase();
  return `${ctrlKey || metaKey ? 'mod+' : ''}${altKey ? 'alt+' : ''}${name}`;
}

/** What stands on the keys: `mod+k` → `⌘K` or `Ctrl K`, `g r` → `G`, `R`. */
export function toKeyCaps(keys: string, isApple: boolean): string[] {
  return keys.split(' ').map((stroke) =>
    stroke
      .split(/\+(?=.)/u)
      .map((part) => {
        if (part === 'mod') return isApple ? '⌘' : 'Ctrl ';
        if (part === 'alt') return isApple ? '⌥' : 'Alt ';
        return CAPS[part] ?? part.toUpperCase();
      })
      .join(''),
  );
}

/** Finds which hotkey the last keys make. Keys of a row come within a second of each other. */
export class HotkeyReader {
  #row: string[] = [];
  #lastAtMs = 0;

  /** Takes in one stroke; answers the hotkey it completes, `waiting` when one may follow. */
  read(
    stroke: string,
    hotkeys: Iterable<string>,
    atMs: number,
  ): { kind: 'hotkey'; keys: string } | { kind: 'waiting' } | undefined {
    if (atMs - this.#lastAtMs > ROW_MS) this.#row = [];
    this.#lastAtMs = atMs;
    const known = [...hotkeys];
    for (const row of [[...this.#row, stroke], [stroke]]) {
      const keys = row.join(' ');
      if (known.includes(keys)) {
        this.#row = [];
        return { kind: 'hotkey', keys };
      }
      if (known.some((hotkey) => hotkey.startsWith(`${keys} `))) {
        this.#row = row;
        return { kind: 'waiting' };
      }
    }
    this.#row = [];
    return undefined;
  }
}
