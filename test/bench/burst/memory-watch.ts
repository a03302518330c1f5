const MB = 2 ** 20;

/** Memory above what the process held when nothing ran, looked at whenever it is told to. */
export class MemoryWatch {
  private readonly idleBytes: number;
  private peakBytes: number;

  constructor() {
    globalThis.gc?.();
    this.idleBytes = this.peakBytes = process.memoryUsage.rss();
  }

  look(): void {
    this.peakBytes = Math.max(this.peakBytes, process.memoryUsage.rss());
  }

  get aboveIdleMb(): number {
    return (this.peakBytes - this.idleBytes) / MB;
  }
}
