import { constants } from 'node:perf_hooks';

/** What the garbage collector did, in the order in which a `GcRecord` keeps it. */
export const GC_KINDS = ['scavenge', 'mark-compact', 'incremental', 'weak callbacks'] as const;
/**
 * What a collection was: of new objects, of the whole heap, one step of marking, or callbacks of things that died. Each
 * stops its thread for its pause.
 */
export type GcKind = (typeof GC_KINDS)[number];

/**
 * Why it was made, as far as V8 tells: `space` when objects need room (the usual cause), `external memory` when bytes outside
 * the heap such as buffers have grown, `out of room` when it is the last attempt before giving up, `idle` when V8 finishes
 * what it marked in the background, `forced` when a program asked for it.
 */
export const GC_CAUSES = ['space', 'external memory', 'out of room', 'idle', 'forced'] as const;
/** One of `GC_CAUSES`. */
export type GcCause = (typeof GC_CAUSES)[number];

/** One collection. */
export interface Collection {
  readonly kind: GcKind;
  readonly cause: GcCause;
  /** When it began, wall clock. */
  readonly atMs: number;
  /** How long its thread stood still, in wall-clock time: on a machine that is overloaded also what others ran meanwhile. */
  readonly pauseMs: number;
  /** Used heap before and after it; before is known only where sizes are followed, after is read when it is reported. */
  readonly heapBeforeBytes: number | undefined;
  readonly heapAfterBytes: number;
}

const KIND_BY_NUMBER: Readonly<Record<number, GcKind>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'scavenge',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'mark-compact',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak callbacks',
  // V8's other collector of new objects (minor mark-sweep), behind a flag.
  2: 'scavenge',
};

/** The word for Node's number of a kind; a kind that a later V8 adds counts as one of the whole heap, the gravest. */
export function toGcKind(kind: number): GcKind {
  return KIND_BY_NUMBER[kind] ?? 'mark-compact';
}

/** The word for Node's flags of a collection; the most telling flag when there are several. */
export function toGcCause(flags: number): GcCause {
  if (flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) return 'forced';
  if (flags & constants.NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY) return 'external memory';
  if (flags & constants.NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE) return 'out of room';
  return flags & constants.NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE ? 'idle' : 'space';
}
