import { type Arrangement, comparator } from './agent-order-keys.ts';
import type { AgentsStore } from './agents-store.ts';
import { sortRows } from './rank-sort.ts';

/**
 * The agents that are wanted, in order, kept up as rows change.
 *
 * A full sort, by ranks, happens only when the wish changes or most rows do. After that the rows that changed are taken out, put in order among themselves
 * and merged back: one sweep over the rows and a sort of the few, so 100,000 agents cost about as much as reading them once.
 * TanStack Table was left out for this: its row model makes an object for each row and sorts all of them at each change.
 */
export class AgentsOrder {
  readonly #store: AgentsStore;
  #rows = new Uint32Array(0);
  #spare = new Uint32Array(0);
  #count = 0;
  #seen = -1;
  #wish: Arrangement | undefined;
  #nowMs = 0;

  constructor(store: AgentsStore) {
    this.#store = store;
  }

  /** The agents in order as of now; valid until the next call. */
  arrange(wish: Arrangement, nowMs: number): Uint32Array {
    const isNew = wish !== this.#wish;
    const moves = wish.sort === 'elapsed' && nowMs !== this.#nowMs;
    if (isNew || moves || this.#seen !== this.#store.version) {
      this.#wish = wish;
      this.#nowMs = nowMs;
      this.#reserve();
      this.#merge(isNew, wish);
      this.#seen = this.#store.version;
    }
    return this.#rows.subarray(0, this.#count);
  }

  #reserve(): void {
    const { size } = this.#store;
    if (this.#rows.length >= size) return;
    const rows = new Uint32Array(size * 2);
    rows.set(this.#rows);
    this.#rows = rows;
    this.#spare = new Uint32Array(size * 2);
  }

  #merge(isNew: boolean, wish: Arrangement): void {
    const compare = comparator(this.#store, wish, this.#nowMs);
    const isMoved = this.#movedTest(isNew, wish);
    const moved = sortRows(this.#wanted(wish, isMoved), this.#store, wish, this.#nowMs);
    const kept = this.#rows;
    const into = this.#spare;
    let next = 0;
    let count = 0;
    for (let at = 0; at < (isNew ? 0 : this.#count); at++) {
      const agent = kept[at]!;
      if (isMoved(agent)) continue;
      while (next < moved.length && compare(moved[next]!, agent) < 0) into[count++] = moved[next++]!;
      into[count++] = agent;
    }
    while (next < moved.length) into[count++] = moved[next++]!;
    this.#rows = into;
    this.#spare = kept;
    this.#count = count;
  }

  /** Whether a row may stand elsewhere than before: it changed, or its place depends on the clock. */
  #movedTest(isNew: boolean, wish: Arrangement): (agent: number) => boolean {
    if (isNew) return () => true;
    const { rowVersion, numbers } = this.#store;
    const seen = this.#seen;
    if (wish.sort !== 'elapsed') return (agent) => rowVersion[agent]! > seen;
    return (agent) => rowVersion[agent]! > seen || (numbers.startedAtMs[agent] !== 0 && numbers.endedAtMs[agent] === 0);
  }

  #wanted(wish: Arrangement, isMoved: (agent: number) => boolean): Uint32Array {
    const { size, rowVersion } = this.#store;
    const found = new Uint32Array(size);
    const isWanted = filterOf(this.#store, wish);
    let count = 0;
    for (let agent = 0; agent < size; agent++) {
      if (rowVersion[agent] !== 0 && isMoved(agent) && isWanted(agent)) found[count++] = agent;
    }
    return found.subarray(0, count);
  }
}

function filterOf(store: AgentsStore, { states, text }: Arrangement): (agent: number) => boolean {
  if (states.length === 0 && text === '') return () => true;
  const isShown = (agent: number): boolean => states.length === 0 || states.includes(store.state[agent]!);
  if (text === '') return isShown;
  const wanted = text.toLowerCase();
  const has = (words: string | undefined): boolean => words !== undefined && words.toLowerCase().includes(wanted);
  return (agent) =>
    isShown(agent) && (has(store.nameOf(agent)) || has(store.details[agent]) || has(store.models[agent]));
}
