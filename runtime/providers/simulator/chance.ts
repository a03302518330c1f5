import type { SimulatorOptions } from './options.ts';

/** What is to happen to one request. */
export interface Fate {
  readonly kind: 'answer' | 'error' | 'stall' | 'disconnect';
  /** In [0, 1): which of the possible errors, or how far into the answer it breaks. */
  readonly where: number;
  readonly firstTokenMs: number;
}

/**
 * Decides the fate of the `n`th request (from 0) by the seed alone, so that a run with the same
 * order of arrival repeats.
 */
export function drawFate(options: SimulatorOptions, n: number): Fate {
  const random = seededRandom(options.seed * 0x9e37_79b1 + n);
  const draw = random();
  const where = random();
  const firstTokenMs = options.firstTokenMs + random() * options.firstTokenSpreadMs;
  const { errorRatio, stallRatio, disconnectRatio } = options;
  if (draw < errorRatio) return { kind: 'error', where, firstTokenMs };
  if (draw < errorRatio + stallRatio) return { kind: 'stall', where, firstTokenMs };
  if (draw < errorRatio + stallRatio + disconnectRatio) return { kind: 'disconnect', where, firstTokenMs };
  return { kind: 'answer', where, firstTokenMs };
}

/**
 * A generator of numbers in [0, 1) that repeats for the same seed.
 *
 * Source: SplitMix32, after G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014; with the finalizer of MurmurHash3.
 */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x85eb_ca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2_ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
