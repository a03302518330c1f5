import {
  createGcMemory,
  readGc,
  readHeat,
  toGcRecord,
  type GcReading,
  type GcRecord,
  type GcRecordOptions,
  type HeatCell,
} from './gc-record.ts';

/** What one thread recorded, under its name. */
export interface ThreadGc extends GcReading {
  readonly name: string;
  /** Time it has been busy since it started, in milliseconds; with it this is what the tuner looks at (`ObservedThread`). */
  readonly busyMs: number;
}

/** A thread's place in the table. */
export interface GcPlace extends Disposable {
  /** Handed to the thread, which passes it to `observeGc`. */
  readonly shared: SharedArrayBuffer;
}

interface Place {
  readonly name: string;
  readonly record: GcRecord;
  readonly busyMs: () => number;
}

const records = new Map<symbol, Place>();

/**
 * Makes room for the collections of one thread, and counts it among `gcOfThreads()` until the result is disposed of.
 *
 * @throws {AppError} SETTING_INVALID
 */
export function openGcPlace(name: string, busyMs: () => number, options?: GcRecordOptions): GcPlace {
  const shared = createGcMemory(options);
  const key = Symbol(name);
  records.set(key, { name, record: toGcRecord(shared), busyMs });
  return { shared, [Symbol.dispose]: () => void records.delete(key) };
}

/** What the threads of this process recorded, each since it started; answers at once, also while they spin. */
export function gcOfThreads(): readonly ThreadGc[] {
  return [...records.values()].map(({ name, record, busyMs }) => ({ name, busyMs: busyMs(), ...readGc(record) }));
}

/** The heat map of one thread, or of all together; see `readHeat`. */
export function heatOfThreads(fromMs = 0, name?: string): readonly HeatCell[] {
  const sums = new Map<string, HeatCell>();
  for (const one of records.values()) {
    if (name !== undefined && one.name !== name) continue;
    for (const cell of readHeat(one.record, fromMs)) {
      const key = `${cell.atMs}:${cell.row}`;
      const known = sums.get(key);
      sums.set(key, known ? { ...cell, count: known.count + cell.count } : cell);
    }
  }
  return [...sums.values()].toSorted((a, b) => a.atMs - b.atMs || a.row - b.row);
}
