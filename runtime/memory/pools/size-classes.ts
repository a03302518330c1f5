const KB = 1_024;

/** Sizes a pooled buffer has, in bytes, the smallest first: what a chunk of a file, of a message or of an answer needs. */
export const SIZE_CLASSES_BYTES = [1 * KB, 4 * KB, 16 * KB, 64 * KB, 256 * KB] as const;

/** Place in `SIZE_CLASSES_BYTES` of the smallest class that holds `bytes`; -1 when none does. */
export function toSizeClass(bytes: number): number {
  if (bytes <= 16 * KB) return bytes <= 4 * KB ? (bytes <= KB ? 0 : 1) : 2;
  if (bytes <= 64 * KB) return 3;
  return bytes <= 256 * KB ? 4 : -1;
}
