/** Something the program can do, by the palette, a hotkey or both. */
export interface Action {
  /** Unique among all actions: `run.pause`. */
  readonly id: string;
  /** As the palette and the list of keys show it: `Pause the run`. */
  readonly title: string;
  /** Its heading: `Go to`, `This run`. */
  readonly group: string;
  /** `mod+k`, `?`, or keys one after the other: `g r`. */
  readonly keys?: string;
  /** More words it is found by. */
  readonly words?: readonly string[];
  /** Stands right of the title, quieter. */
  readonly hint?: string;
  readonly tone?: 'plain' | 'danger';
  /** Has a key but does not stand in the palette: moving a selection. */
  readonly isKeyOnly?: boolean;
  /** Its hotkey also works while something is typed: for keys that write nothing. */
  readonly worksWhileTyping?: boolean;
  readonly run: () => void;
}

/** Actions of one heading. */
export interface ActionGroup {
  readonly group: string;
  readonly actions: readonly Action[];
}

/** Actions by their headings, both in the order they came. */
export function groupActions(actions: readonly Action[]): ActionGroup[] {
  const groups = Map.groupBy(actions, ({ group }) => group);
  return [...groups].map(([group, members]) => ({ group, actions: members }));
}

/** How well `action` fits what was typed, 0 (not at all) to 1: each word must begin one of its words or stand within one. */
export function scoreAction(action: Pick<Action, 'title' | 'words' | 'group'>, typed: string): number {
  const wanted = toWords(typed);
  if (wanted.length === 0) return 1;
  const title = toWords(action.title);
  const others = toWords([...(action.words ?? []), action.group].join(' '));
  let score = 0;
  for (const word of wanted) {
    const one = scoreWord(word, title, others);
    if (one === 0) return 0;
    score += one;
  }
  return score / wanted.length;
}

function scoreWord(word: string, title: readonly string[], others: readonly string[]): number {
  if (title[0]?.startsWith(word)) return 1;
  if (title.some((part) => part.startsWith(word))) return 0.8;
  if (others.some((part) => part.startsWith(word))) return 0.6;
  return [...title, ...others].some((part) => part.includes(word)) ? 0.3 : 0;
}

function toWords(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
