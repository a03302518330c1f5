/** "FTL1" in little-endian: the first four bytes of every table. */
export const MAGIC = 0x31_4c_54_46;

/** Magic, fingerprint, rows, size in bytes: four 32-bit numbers. */
export const HEADER_BYTES = 16;

/** Width of one number of a column. */
export const BYTES_OF = { u8: 1, u32: 4, f64: 8 } as const;

const ALIGNMENT_BYTES = 8;

/** The next multiple of eight, where a column of any kind may begin. */
export function alignUp(byteCount: number): number {
  return Math.ceil(byteCount / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
