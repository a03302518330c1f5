import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAppError } from '../../../shared/errors/app-error.ts';
import { decodeTable, isTableOf } from '../../../shared/table/decode-table.ts';
import { defineTable } from '../../../shared/table/define-table.ts';
import { encodeTable } from '../../../shared/table/encode-table.ts';

const WORDS = ['queued', 'asking', 'done'] as const;
const schema = defineTable('all kinds', { small: 'u8', whole: 'u32', real: 'f64', word: WORDS, text: 'text' });

const row = fc.record({
  small: fc.integer({ min: 0, max: 255 }),
  whole: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  real: fc.double(),
  word: fc.constantFrom(...WORDS),
  text: fc.string({ unit: 'grapheme' }),
});

function encode(rows: readonly { small: number; whole: number; real: number; word: 'done'; text: string }[]) {
  return encodeTable(schema, rows.length, {
    small: rows.map(({ small }) => small),
    whole: rows.map(({ whole }) => whole),
    real: rows.map(({ real }) => real),
    word: rows.map(({ word }) => word),
    text: rows.map(({ text }) => text),
  });
}

test('what was put into a table comes out of it, also from the middle of a larger message', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), fc.integer({ min: 0, max: 9 }), (rows, offset) => {
      const message = encode(rows as Parameters<typeof encode>[0]);
      const carrier = new Uint8Array(offset + message.byteLength + 3);
      carrier.set(message, offset);
      const { rows: count, columns } = decodeTable(schema, carrier.subarray(offset, offset + message.byteLength));
      expect(count).toBe(rows.length);
      rows.forEach((expected, at) => {
        const found = {
          small: columns.small[at],
          whole: columns.whole[at],
          real: columns.real[at],
          word: columns.word.at(at),
          text: columns.text.at(at),
        };
        expect(found).toEqual({ ...expected, text: expected.text.toWellFormed() });
      });
    }),
  );
});

test('a message that was cut, lengthened or changed is refused or read within its bounds, never beyond', () => {
  const rows = [
    { small: 1, whole: 2, real: 3.5, word: 'done' as const, text: 'ein Wörtchen' },
    { small: 4, whole: 5, real: Number.NaN, word: 'done' as const, text: '' },
  ];
  const whole = encode(rows);
  for (let length = 0; length < whole.byteLength; length++) {
    expect(() => decodeTable(schema, whole.slice(0, length))).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    );
  }
  expect(() => decodeTable(schema, new Uint8Array([...whole, 0]))).toThrow(/size/);
  fc.assert(
    fc.property(fc.integer({ min: 8, max: whole.byteLength - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = whole.slice();
      changed[at] = byte;
      expect(['whole', 'INPUT_INVALID']).toContain(outcomeOf(() => readAll(changed)));
    }),
  );
});

test('a table of other columns is another table', () => {
  const other = defineTable('all kinds', { small: 'u8' });
  const message = encodeTable(other, 1, { small: [1] });
  expect(isTableOf(other, message)).toBe(true);
  expect(isTableOf(schema, message)).toBe(false);
  expect(() => decodeTable(schema, message)).toThrow(/not such a table/);
});

test('numbers lie in the message itself, so that reading them copies nothing', () => {
  const message = encode([{ small: 1, whole: 7, real: 2, word: 'done', text: 'x' }]);
  const { columns } = decodeTable(schema, message);
  expect(columns.whole.buffer).toBe(message.buffer);
});

test('a word that is not in its list is a defect of who encodes', () => {
  const rows = [{ small: 1, whole: 7, real: 2, word: 'lost' as 'done', text: 'x' }];
  expect(() => encode(rows)).toThrow(/"lost" is not a word/);
});

/** Reads every text of a table, so that a length beyond the message would show. */
function readAll(message: Uint8Array): void {
  const { rows, columns } = decodeTable(schema, message);
  for (let row = 0; row < rows; row++) columns.text.at(row);
}

function outcomeOf(read: () => void): string {
  try {
    read();
    return 'whole';
  } catch (error) {
    return isAppError(error) ? error.code : String(error);
  }
}
