const MIB = 2 ** 20;
/** A young generation is three semi-spaces: two that objects are copied between, and V8's reckoning of large ones. */
const SEMI_SPACES = 3;

/** Semi-spaces V8 rounds to, in MiB; it takes larger ones too, with pauses that nobody wants. */
const SEMI_SPACE_MIB = [1, 2, 4, 8, 16, 32, 64, 128] as const;

/**
 * The sizes a young generation really has, the smallest first: 3, 6, 12 … 384 MiB. Asking for a size between two gives the
 * larger (measured on Node 24: 64 MiB asked for are 96).
 */
export const YOUNG_STEPS_BYTES: readonly number[] = SEMI_SPACE_MIB.map((mib) => mib * SEMI_SPACES * MIB);

/** What V8 makes of a young generation of `askedBytes`. */
export function toEffectiveYoungBytes(askedBytes: number): number {
  const semiSpaceMib = Math.max(1, askedBytes / SEMI_SPACES / MIB);
  return 2 ** Math.ceil(Math.log2(semiSpaceMib)) * SEMI_SPACES * MIB;
}

/** The heap limit V8 gives a thread that is started with these generations, as its statistics show it. */
export function toHeapLimitBytes(oldBytes: number, youngBytes: number): number {
  return oldBytes + toEffectiveYoungBytes(youngBytes);
}

/** The place in `YOUNG_STEPS_BYTES` of the size that `askedBytes` really gives. */
export function toYoungStep(askedBytes: number): number {
  const step = YOUNG_STEPS_BYTES.findIndex((bytes) => bytes >= toEffectiveYoungBytes(askedBytes));
  return step === -1 ? YOUNG_STEPS_BYTES.length - 1 : step;
}
