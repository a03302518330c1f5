interface Entry {
  readonly work: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The least that bounds anything: a ring buffer and a counter, no priorities, deadlines, fairness, figures or capacity.
 * What a limiter costs above this is what its features cost.
 */
export class PromiseRing {
  private ring: (Entry | undefined)[] = Array.from({ length: 1024 });
  private mask = 1023;
  private head = 0;
  private tail = 0;
  private running = 0;
  private readonly maxRunning: number;

  constructor(maxRunning: number) {
    this.maxRunning = maxRunning;
  }

  submit(work: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.running < this.maxRunning) this.start(work, resolve, reject);
      else this.push({ work, resolve, reject });
    });
  }

  private start(work: Entry['work'], resolve: Entry['resolve'], reject: Entry['reject']): void {
    this.running++;
    void work().then(
      // oxlint-disable-next-line promise/always-return -- nobody waits for this promise
      (value) => {
        resolve(value);
        this.next();
      },
      (error: unknown) => {
        reject(error);
        this.next();
      },
    );
  }

  private push(entry: Entry): void {
    if (this.tail - this.head > this.mask) this.grow();
    this.ring[this.tail++ & this.mask] = entry;
  }

  private next(): void {
    this.running--;
    if (this.head === this.tail) return;
    const { work, resolve, reject } = this.ring[this.head & this.mask]!;
    this.ring[this.head++ & this.mask] = undefined;
    this.start(work, resolve, reject);
  }

  private grow(): void {
    const size = this.mask + 1;
    const larger: (Entry | undefined)[] = Array.from({ length: size * 2 });
    for (let index = 0; index < size; index++) larger[index] = this.ring[(this.head + index) & this.mask];
    this.ring = larger;
    this.mask = size * 2 - 1;
    this.head = 0;
    this.tail = size;
  }
}
