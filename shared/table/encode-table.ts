import type { ColumnKind, Columns, TableSchema } from './define-table.ts';
import { alignUp, BYTES_OF, HEADER_BYTES, MAGIC } from './table-layout.ts';

type ColumnInput<K extends ColumnKind> = K extends 'text'
  ? readonly string[]
  : K extends readonly (infer Word)[]
    ? readonly Word[]
    : ArrayLike<number>;

/** A table's columns as they are handed over for encoding, each with as many values as there are rows. */
export type TableInput<C extends Columns> = { readonly [Name in keyof C]: ColumnInput<C[Name]> };

const encoder = new TextEncoder();

/**
 * One message with `rows` rows, little-endian, columns one after the other and aligned to 8 bytes, so that the receiver
 * reads the numbers in place.
 *
 * Text is UTF-8 behind `rows + 1` offsets; a lone surrogate becomes U+FFFD. A word that is not in its list is a defect of
 * the caller and throws a `RangeError`.
 */
export function encodeTable<C extends Columns>(
  schema: TableSchema<C>,
  rows: number,
  input: TableInput<C>,
): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(schema.columns).map(([name, kind]) => toPart(kind, rows, input[name] as never, name));
  const size = parts.reduce((sum, part) => sum + alignUp(part.byteLength), HEADER_BYTES);
  const message = new Uint8Array(size);
  const head = new DataView(message.buffer);
  head.setUint32(0, MAGIC, true);
  head.setUint32(4, schema.fingerprint, true);
  head.setUint32(8, rows, true);
  head.setUint32(12, size, true);
  let at = HEADER_BYTES;
  for (const part of parts) {
    message.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += alignUp(part.byteLength);
  }
  return message;
}

function toPart(kind: ColumnKind, rows: number, values: ArrayLike<unknown>, name: string): ArrayBufferView {
  if (kind === 'text') return toTextPart(rows, values as readonly string[]);
  if (typeof kind === 'object') return toWordPart(kind, rows, values as readonly string[], name);
  if (values.length === rows && ArrayBuffer.isView(values) && isOfKind(values, kind)) return values;
  const numbers =
    kind === 'u8' ? new Uint8Array(rows) : kind === 'u32' ? new Uint32Array(rows) : new Float64Array(rows);
  for (let row = 0; row < rows; row++) numbers[row] = values[row] as number;
  return numbers;
}

function isOfKind(view: ArrayBufferView, kind: 'u8' | 'u32' | 'f64'): boolean {
  return (view as Uint8Array).BYTES_PER_ELEMENT === BYTES_OF[kind];
}

function toWordPart(words: readonly string[], rows: number, values: readonly string[], name: string): Uint8Array {
  const codes = new Uint8Array(rows);
  const codeOf = new Map(words.map((word, code) => [word, code]));
  for (let row = 0; row < rows; row++) {
    const code = codeOf.get(values[row] as string);
    if (code === undefined) throw new RangeError(`"${values[row]}" is not a word of column "${name}".`);
    codes[row] = code;
  }
  return codes;
}

function toTextPart(rows: number, values: readonly string[]): Uint8Array {
  const offsets = new Uint32Array(rows + 1);
  let chars = 0;
  for (let row = 0; row < rows; row++) chars += (values[row] as string).length;
  // A UTF-16 unit takes at most three bytes of UTF-8.
  const bytes = new Uint8Array(offsets.byteLength + chars * 3);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    at += encoder.encodeInto(values[row] as string, bytes.subarray(offsets.byteLength + at)).written;
    offsets[row + 1] = at;
  }
  bytes.set(new Uint8Array(offsets.buffer));
  return bytes.subarray(0, offsets.byteLength + at);
}
