import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerReader, AnswerWriter } from '../../../runtime/workers/cpu/answer-ring.ts';
import { createSharedMemory, RING_WORDS, toCells } from '../../../runtime/workers/cpu/shared-memory.ts';

interface Answer {
  readonly slot: number;
  readonly isError: boolean;
  readonly value: unknown;
  readonly durationUs: number;
}

function open(): { writer: AnswerWriter; drain: () => Answer[] } {
  const cells = toCells(createSharedMemory());
  const reader = new AnswerReader(cells);
  return {
    writer: new AnswerWriter(cells),
    drain: () => {
      const answers: Answer[] = [];
      reader.drain((slot, isError, value, durationUs) => answers.push({ slot, isError, value, durationUs }));
      return answers;
    },
  };
}

const value = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, Number.NaN, 2 ** 31, -(2 ** 31), 0.1),
  fc.integer(),
  fc.double(),
  fc.string({ unit: 'grapheme', maxLength: 2_000 }),
  fc.nat(60_000).map((length) => 'x'.repeat(length)),
  fc.jsonValue(),
);

test('whatever is written comes out once, in order and as it was, however often the ring turns', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.nat(1_023), fc.boolean()), { minLength: 1, maxLength: 60 }), (wanted) => {
      const { writer, drain } = open();
      const written: Answer[] = [];
      const read: Answer[] = [];
      for (let turn = 0; turn < 3; turn++)
        for (const [one, slot, doesDrain] of wanted) {
          if (writer.write(slot, one, turn)) written.push({ slot, isError: false, value: one, durationUs: turn });
          if (doesDrain) read.push(...drain());
        }
      read.push(...drain());
      expect(read).toStrictEqual(written);
    }),
    { numRuns: 300 },
  );
});

test('a full ring takes no more, and takes again when it has been read', () => {
  const { writer, drain } = open();
  let count = 0;
  while (writer.write(1, undefined, 0)) count++;
  expect(count).toBe(Math.floor(RING_WORDS / 3));
  expect(drain()).toHaveLength(count);
  expect(writer.write(1, undefined, 0)).toBe(true);
});

test('what is too large, shared or no value is left to the port', () => {
  const { writer, drain } = open();
  expect(writer.write(1, 'x'.repeat(70_000), 0)).toBe(false);
  expect(writer.write(1, { list: Array.from({ length: 50_000 }, () => 'word') }, 0)).toBe(false);
  expect(writer.write(1, { shared: new Int32Array(new SharedArrayBuffer(8)) }, 0)).toBe(false);
  expect(writer.write(1, new SharedArrayBuffer(8), 0)).toBe(false);
  expect(writer.write(1, () => {}, 0)).toBe(false);
  expect(writer.write(1, 'half \u{d800}', 0)).toBe(false);
  expect(drain()).toEqual([]);
});

test('errors keep their code, message and details', () => {
  const { writer, drain } = open();
  writer.writeError(7, { code: 'FILE_NOT_FOUND', message: 'Not there.', details: { path: '/a' } }, 12);
  expect(drain()).toMatchObject([
    { slot: 7, isError: true, durationUs: 12, value: { code: 'FILE_NOT_FOUND', details: { path: '/a' } } },
  ]);
});
