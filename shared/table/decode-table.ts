import { AppError } from '../errors/app-error.ts';
import type { ColumnKind, Columns, TableSchema } from './define-table.ts';
import { alignUp, BYTES_OF, HEADER_BYTES, MAGIC } from './table-layout.ts';

/** A column that is decoded value by value, when it is looked at. */
interface LazyColumn<Value> {
  readonly length: number;
  at(row: number): Value;
}

type ColumnOutput<K extends ColumnKind> = K extends 'text'
  ? LazyColumn<string>
  : K extends readonly (infer Word)[]
    ? LazyColumn<Word> & { readonly codes: Uint8Array }
    : K extends 'u8'
      ? Uint8Array
      : K extends 'u32'
        ? Uint32Array
        : Float64Array;

/** A decoded table; its numbers lie in the message itself. */
export interface TableRows<C extends Columns> {
  readonly rows: number;
  readonly columns: { readonly [Name in keyof C]: ColumnOutput<C[Name]> };
}

/** Whether `message` is a table of `schema`, by its first bytes. */
export function isTableOf(schema: TableSchema, message: Uint8Array): boolean {
  if (message.byteLength < HEADER_BYTES) return false;
  const head = new DataView(message.buffer, message.byteOffset, HEADER_BYTES);
  return head.getUint32(0, true) === MAGIC && head.getUint32(4, true) === schema.fingerprint;
}

/**
 * Reads a table without copying its numbers. Lengths and offsets are checked before anything is read.
 *
 * @throws {AppError} INPUT_INVALID when the message is not a whole table of `schema`.
 */
export function decodeTable<C extends Columns>(schema: TableSchema<C>, message: Uint8Array): TableRows<C> {
  if (!isTableOf(schema, message)) throw malformed(schema, 'it is not such a table');
  // Columns are aligned from the start of their buffer; a message inside a larger one is copied once.
  const aligned = message.byteOffset % 8 === 0 ? message : message.slice();
  const head = new DataView(aligned.buffer, aligned.byteOffset, HEADER_BYTES);
  const rows = head.getUint32(8, true);
  if (head.getUint32(12, true) !== aligned.byteLength) throw malformed(schema, 'its size is not what it says');
  const columns: Record<string, unknown> = {};
  let at = HEADER_BYTES;
  for (const [name, kind] of Object.entries(schema.columns)) {
    const { column, byteLength } = readColumn(schema, kind, { message: aligned, at, rows });
    columns[name] = column;
    at += alignUp(byteLength);
  }
  if (at !== aligned.byteLength) throw malformed(schema, 'something stands after its last column');
  return { rows, columns: columns as TableRows<C>['columns'] };
}

interface Place {
  readonly message: Uint8Array;
  readonly at: number;
  readonly rows: number;
}

function readColumn(
  schema: TableSchema,
  kind: ColumnKind,
  place: Place,
): { readonly column: unknown; readonly byteLength: number } {
  if (kind === 'text') return readText(schema, place);
  const width = typeof kind === 'object' ? 1 : BYTES_OF[kind];
  const byteLength = place.rows * width;
  checkRoom(schema, place, byteLength);
  const { buffer, byteOffset } = place.message;
  const from = byteOffset + place.at;
  if (typeof kind === 'object') {
    const codes = new Uint8Array(buffer, from, place.rows);
    return { column: { codes, length: place.rows, at: (row: number) => kind[codes[row] ?? 0] ?? kind[0] }, byteLength };
  }
  const Numbers = kind === 'u8' ? Uint8Array : kind === 'u32' ? Uint32Array : Float64Array;
  return { column: new Numbers(buffer as ArrayBuffer, from, place.rows), byteLength };
}

const decoder = new TextDecoder();

function readText(schema: TableSchema, place: Place) {
  const { rows, at, message } = place;
  const headLength = (rows + 1) * 4;
  checkRoom(schema, place, headLength);
  const offsets = new Uint32Array(message.buffer, message.byteOffset + at, rows + 1);
  for (let row = 0; row < rows; row++) {
    if ((offsets[row] as number) > (offsets[row + 1] as number)) throw malformed(schema, 'a text has no end');
  }
  const byteLength = headLength + (offsets[rows] as number);
  checkRoom(schema, place, byteLength);
  const bytes = message.subarray(at + headLength, at + byteLength);
  const column: LazyColumn<string> = {
    length: rows,
    at: (row) => decoder.decode(bytes.subarray(offsets[row], offsets[row + 1])),
  };
  return { column, byteLength };
}

function checkRoom(schema: TableSchema, { message, at }: Place, byteLength: number): void {
  if (at + byteLength > message.byteLength) throw malformed(schema, 'it is cut short');
}

function malformed(schema: TableSchema, why: string): AppError {
  return new AppError('INPUT_INVALID', `A message is not a table "${schema.name}": ${why}.`);
}
