/** An entry, or what is remembered of one that was evicted. */
interface Node {
  readonly key: string;
  value: unknown;
  list: List;
  before: Node;
  after: Node;
}

class List {
  size = 0;
  readonly end: Node;

  constructor() {
    this.end = { key: '', value: undefined, list: this } as unknown as Node;
    this.end.before = this.end.after = this.end;
  }

  /** Moves a node to the front of this list, from whichever it is in. */
  take(node: Node): void {
    node.before.after = node.after;
    node.after.before = node.before;
    node.list.size--;
    node.list = this;
    node.after = this.end.after;
    node.before = this.end;
    node.after.before = node;
    this.end.after = node;
    this.size++;
  }
}

/**
 * ARC, since no package has it: two lists of entries and two of ghosts, whose sizes follow the ghosts that are asked for.
 *
 * Source: N. Megiddo, D. Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST 2003, figure 4.
 */
export class ArcCache {
  private readonly nodes = new Map<string, Node>();
  private readonly recent = new List();
  private readonly frequent = new List();
  private readonly recentGhosts = new List();
  private readonly frequentGhosts = new List();
  private readonly capacity: number;
  private wantedRecent = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(key: string): unknown {
    const node = this.nodes.get(key);
    if (node === undefined || node.list === this.recentGhosts || node.list === this.frequentGhosts) return undefined;
    this.frequent.take(node);
    return node.value;
  }

  set(key: string, value: unknown): void {
    const { recentGhosts, frequentGhosts, capacity } = this;
    const ghost = this.nodes.get(key);
    if (ghost === undefined) return this.insert(key, value);
    ghost.value = value;
    if (ghost.list === recentGhosts) {
      const step = Math.max(1, frequentGhosts.size / recentGhosts.size);
      this.wantedRecent = Math.min(capacity, this.wantedRecent + step);
      this.makeRoom(false);
    } else if (ghost.list === frequentGhosts) {
      const step = Math.max(1, recentGhosts.size / frequentGhosts.size);
      this.wantedRecent = Math.max(0, this.wantedRecent - step);
      this.makeRoom(true);
    }
    this.frequent.take(ghost);
  }

  private insert(key: string, value: unknown): void {
    const { recent, frequent, recentGhosts, frequentGhosts, capacity } = this;
    if (recent.size + recentGhosts.size >= capacity) {
      if (recent.size < capacity) {
        this.forget(recentGhosts);
        this.makeRoom(false);
      } else this.forget(recent);
    } else if (recent.size + frequent.size + recentGhosts.size + frequentGhosts.size >= capacity) {
      if (recent.size + frequent.size + recentGhosts.size + frequentGhosts.size >= 2 * capacity)
        this.forget(frequentGhosts);
      this.makeRoom(false);
    }
    const loose = new List();
    const node = { key, value, list: loose } as Node;
    node.before = node.after = node;
    loose.size = 1;
    this.nodes.set(key, node);
    recent.take(node);
  }

  private makeRoom(isFrequentGhost: boolean): void {
    const { recent, frequent, wantedRecent } = this;
    if (recent.size + frequent.size < this.capacity) return;
    const isOver = recent.size > wantedRecent || (isFrequentGhost && recent.size === wantedRecent);
    const [from, to] = recent.size > 0 && isOver ? [recent, this.recentGhosts] : [frequent, this.frequentGhosts];
    const node = from.end.before;
    node.value = undefined;
    to.take(node);
  }

  private forget(list: List): void {
    const node = list.end.before;
    new List().take(node);
    this.nodes.delete(node.key);
  }
}
