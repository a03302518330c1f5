/** The owners that are paused, over all lanes of a gate. */
export class Holds {
  private readonly prefixes = new Set<string>();

  /** How many prefixes are held; 0 most of the time, so that nobody needs to look further. */
  get size(): number {
    return this.prefixes.size;
  }

  add(prefix: string): void {
    this.prefixes.add(prefix);
  }

  delete(prefix: string): void {
    this.prefixes.delete(prefix);
  }

  /** Whether `owner`, or what it is a part of, is held. */
  has(owner: string): boolean {
    if (this.prefixes.size === 0) return false;
    if (this.prefixes.has(owner)) return true;
    for (let slash = owner.indexOf('/'); slash >= 0; slash = owner.indexOf('/', slash + 1)) {
      if (this.prefixes.has(owner.slice(0, slash))) return true;
    }
    return false;
  }
}
