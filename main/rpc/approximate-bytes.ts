/** About how long `value` is as JSON, without writing it: enough to keep a message near its target size. */
export function approximateBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof Uint8Array) return value.byteLength;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += approximateBytes(item) + 1;
  else for (const [key, item] of Object.entries(value)) size += key.length + 4 + approximateBytes(item);
  return size;
}
