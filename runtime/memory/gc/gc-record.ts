import { AppError } from '../../../shared/errors/app-error.ts';
import { GC_CAUSES, GC_KINDS, type Collection } from './collections.ts';
import { HEAT_ROWS_MS, PAUSE_BUCKETS, toHeatRow, toPauseBucket } from './pause-buckets.ts';

/** Bounds of what a thread records of its collections. */
export interface GcRecordOptions {
  /** Width of a column of the heat map, 100 to 3,600,000 ms; 5,000 unless told. Applies to threads that start afterwards. */
  readonly columnMs?: number;
  /** Columns that are kept, 1 to 2,880; 360 (half an hour) unless told. The oldest makes room for the newest. */
  readonly columns?: number;
}

const COLUMN_MS = 5_000;
const COLUMNS = 360;
const ROWS = HEAT_ROWS_MS.length;

/** Numbers of 64 bits at the beginning of the memory. */
const PLACE = { columnMs: 0, columns: 1, gcMs: 2, heapBefore: 3, heapAfter: 4, lastAtMs: 5, freed: 6 } as const;
const PLACES = 8;

/** The parts of a record, as views on memory that the thread and its owner share. */
export interface GcRecord {
  readonly shared: SharedArrayBuffer;
  readonly places: Float64Array;
  readonly columnMs: number;
  readonly columns: number;
  /** A histogram of pauses for each kind, one after the other. */
  readonly pauses: Uint32Array;
  readonly causes: Uint32Array;
  /** The column a place of the ring holds now, as its number since 1970; 0 while it is being cleared. */
  readonly columnIds: Float64Array;
  readonly cells: Uint32Array;
}

/**
 * Makes the memory that a thread records its collections in: about 25 KB, whatever happens. Shared, so that its owner reads it
 * while the thread spins and after it has died.
 *
 * @throws {AppError} SETTING_INVALID
 */
export function createGcMemory(options: GcRecordOptions = {}): SharedArrayBuffer {
  const columnMs = checkWhole('columnMs', options.columnMs ?? COLUMN_MS, 100, 3_600_000);
  const columns = checkWhole('columns', options.columns ?? COLUMNS, 1, 2_880);
  const bytes = (PLACES + columns) * 8 + (GC_KINDS.length * PAUSE_BUCKETS + GC_CAUSES.length + columns * ROWS) * 4;
  const shared = new SharedArrayBuffer(bytes);
  const places = new Float64Array(shared, 0, PLACES);
  places[PLACE.columnMs] = columnMs;
  places[PLACE.columns] = columns;
  return shared;
}

function checkWhole(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const message = `${name} of the record of collections is ${value}; it takes a whole number from ${least} to ${most}.`;
  throw new AppError('SETTING_INVALID', message);
}

/** The views on memory that `createGcMemory` made; on either side. */
export function toGcRecord(shared: SharedArrayBuffer): GcRecord {
  const places = new Float64Array(shared, 0, PLACES);
  const columns = places[PLACE.columns]!;
  let at = PLACES * 8;
  const columnIds = new Float64Array(shared, at, columns);
  at += columns * 8;
  const pauses = new Uint32Array(shared, at, GC_KINDS.length * PAUSE_BUCKETS);
  at += pauses.byteLength;
  const causes = new Uint32Array(shared, at, GC_CAUSES.length);
  at += causes.byteLength;
  const cells = new Uint32Array(shared, at, columns * ROWS);
  return { shared, places, columnMs: places[PLACE.columnMs]!, columns, pauses, causes, columnIds, cells };
}

/** Counts one collection; the thread's side, one writer only. */
export function writeCollection(record: GcRecord, collection: Collection): void {
  const { places, pauses, causes } = record;
  const { kind, cause, atMs, pauseMs, heapBeforeBytes, heapAfterBytes } = collection;
  pauses[GC_KINDS.indexOf(kind) * PAUSE_BUCKETS + toPauseBucket(pauseMs)]! += 1;
  causes[GC_CAUSES.indexOf(cause)]! += 1;
  places[PLACE.gcMs]! += pauseMs;
  places[PLACE.lastAtMs] = atMs;
  places[PLACE.heapAfter] = heapAfterBytes;
  places[PLACE.heapBefore] = heapBeforeBytes ?? 0;
  if (heapBeforeBytes !== undefined) places[PLACE.freed]! += Math.max(0, heapBeforeBytes - heapAfterBytes);
  writeCell(record, atMs, pauseMs);
}

function writeCell({ columnMs, columns, columnIds, cells }: GcRecord, atMs: number, pauseMs: number): void {
  const id = Math.floor(atMs / columnMs);
  const column = id % columns;
  if (columnIds[column] !== id) {
    // A collection reported late, whose column has gone round already, has no place any more.
    if (columnIds[column]! > id) return;
    columnIds[column] = 0;
    cells.fill(0, column * ROWS, (column + 1) * ROWS);
    columnIds[column] = id;
  }
  cells[column * ROWS + toHeatRow(pauseMs)]! += 1;
}

/** One cell of the heat map that is not empty. */
export interface HeatCell {
  /** Beginning of the column, wall clock. */
  readonly atMs: number;
  /** Place in `HEAT_ROWS_MS`. */
  readonly row: number;
  readonly count: number;
}

/** What a thread has recorded since it started. */
export interface GcReading {
  readonly count: number;
  /** Time it stood still. */
  readonly gcMs: number;
  /** Pauses of all kinds together; see `pausePercentileMs`. */
  readonly pauses: Uint32Array;
  /** In the order of `GC_KINDS`. */
  readonly pausesByKind: readonly Uint32Array[];
  /** Collections by cause, in the order of `GC_CAUSES`. */
  readonly causes: Uint32Array;
  /** Around the last collection; 0 before the first, and before is 0 where sizes are not followed. */
  readonly heapBeforeBytes: number;
  readonly heapAfterBytes: number;
  /** Bytes given back by the collections whose sizes were followed. */
  readonly freedBytes: number;
  /** Wall clock; 0 before the first. */
  readonly lastAtMs: number;
}

/** Reads what the thread recorded; never waits for it. A collection that is just being written may be counted in part. */
export function readGc({ places, pauses, causes }: GcRecord): GcReading {
  const all = new Uint32Array(PAUSE_BUCKETS);
  const pausesByKind = GC_KINDS.map((_, kind) => pauses.slice(kind * PAUSE_BUCKETS, (kind + 1) * PAUSE_BUCKETS));
  let count = 0;
  for (const one of pausesByKind) {
    for (let bucket = 0; bucket < PAUSE_BUCKETS; bucket++) {
      all[bucket]! += one[bucket]!;
      count += one[bucket]!;
    }
  }
  return {
    count,
    gcMs: places[PLACE.gcMs]!,
    pauses: all,
    pausesByKind,
    causes: causes.slice(),
    heapBeforeBytes: places[PLACE.heapBefore]!,
    heapAfterBytes: places[PLACE.heapAfter]!,
    freedBytes: places[PLACE.freed]!,
    lastAtMs: places[PLACE.lastAtMs]!,
  };
}

/** The cells of the heat map from `fromMs` on (wall clock), the oldest first; at most `columns` × 12. */
export function readHeat({ columnMs, columns, columnIds, cells }: GcRecord, fromMs = 0): readonly HeatCell[] {
  const found: HeatCell[] = [];
  for (let column = 0; column < columns; column++) {
    const id = columnIds[column]!;
    if (id === 0 || (id + 1) * columnMs <= fromMs) continue;
    const counts = cells.slice(column * ROWS, (column + 1) * ROWS);
    // Cleared meanwhile for a newer column: what was read belongs to neither.
    if (columnIds[column] !== id) continue;
    for (let row = 0; row < ROWS; row++) {
      if (counts[row]! > 0) found.push({ atMs: id * columnMs, row, count: counts[row]! });
    }
  }
  return found.toSorted((a, b) => a.atMs - b.atMs || a.row - b.row);
}
