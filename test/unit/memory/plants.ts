import { GC_CAUSES, GC_KINDS } from '../../../runtime/memory/gc/collections.ts';
import { PAUSE_BUCKETS, toPauseBucket } from '../../../runtime/memory/gc/pause-buckets.ts';
import { toEffectiveYoungBytes } from '../../../runtime/memory/heap/generations.ts';
import type { ObservedThread } from '../../../runtime/memory/tuner/gc-window.ts';

const MIB = 2 ** 20;

/** How a made-up thread collects with a young generation of so many MiB. */
export interface Plant {
  readonly pauseMs: (youngMib: number) => number;
  /** Collections in a second. */
  readonly perSecond: (youngMib: number) => number;
}

/** What the books say: smaller is collected more often, larger pauses longer. */
export const textbook: Plant = { pauseMs: (mib) => 0.4 + mib * 0.09, perSecond: (mib) => 1_050 / mib };
/** Pauses come from elsewhere: no size helps. */
export const unmoved: Plant = { pauseMs: () => 20, perSecond: () => 10 };
/** Too small a generation promotes what would have died: both grow. Best at 24 MiB. */
export const bathtub: Plant = {
  pauseMs: (mib) => 2 + 3 * Math.abs(Math.log2(mib / 24)),
  perSecond: (mib) => 20 + 40 * Math.abs(Math.log2(mib / 24)),
};

/** A thread that lives by a plant. Its time is moved by hand. */
export class PlantThread {
  private readonly name: string;
  private plant: Plant;
  private readonly noise: () => number;
  private readonly pauses = GC_KINDS.map(() => new Uint32Array(PAUSE_BUCKETS));
  private gcMs = 0;
  private busyMs = 0;
  private due = 0;

  constructor(name: string, plant: Plant, noise: () => number = () => 1) {
    this.name = name;
    this.plant = plant;
    this.noise = noise;
  }

  setPlant(plant: Plant): void {
    this.plant = plant;
  }

  /** Lets it run for `ms` with a young generation of `youngBytes`. */
  run(ms: number, youngBytes: number): void {
    const youngMib = toEffectiveYoungBytes(youngBytes) / MIB;
    this.due += (this.plant.perSecond(youngMib) * ms) / 1_000;
    for (; this.due >= 1; this.due--) {
      const pauseMs = this.plant.pauseMs(youngMib) * this.noise();
      this.pauses[0]![toPauseBucket(pauseMs)]! += 1;
      this.gcMs += pauseMs;
    }
    this.busyMs += ms;
  }

  read(): ObservedThread {
    const { name, pauses, gcMs, busyMs } = this;
    const pausesByKind = pauses.map((one) => one.slice());
    return { name, busyMs, pausesByKind, gcMs, causes: new Uint32Array(GC_CAUSES.length) };
  }
}
