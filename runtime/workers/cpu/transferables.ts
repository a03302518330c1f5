import type { TransferListItem } from 'node:worker_threads';

/** Copying less than this costs less than handing it over. */
const MIN_TRANSFERRED_BYTES = 4_096;
/** Own properties of an answer that are looked at. */
const MAX_LOOKED_AT = 16;

/**
 * The memory of an answer that is handed over instead of copied: the answer itself or a property or element of it, when it is an
 * `ArrayBuffer`, or a view of a whole one, of 4 KB and more. A view of a part is copied: the rest may belong to somebody else.
 */
export function findTransferables(value: object): TransferListItem[] {
  const own = toTransferable(value);
  if (own !== undefined) return [own];
  if (ArrayBuffer.isView(value)) return [];
  const found = new Set<ArrayBuffer>();
  let looked = 0;
  for (const key in value) {
    if (++looked > MAX_LOOKED_AT) break;
    const part = toTransferable((value as Record<string, unknown>)[key]);
    if (part !== undefined) found.add(part);
  }
  return [...found];
}

function toTransferable(value: unknown): ArrayBuffer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < MIN_TRANSFERRED_BYTES) return undefined;
  if (ArrayBuffer.isView(value) && value.byteLength !== buffer.byteLength) return undefined;
  return buffer;
}
