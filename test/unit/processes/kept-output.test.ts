import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptOutput } from '../../../runtime/processes/kept-output.ts';

function keep(bytes: Uint8Array, maxBytes: number, pieceBytes: number): { text: string; heard: string } {
  const heard: string[] = [];
  const output = new KeptOutput(maxBytes, (text) => heard.push(text));
  for (let at = 0; at < bytes.length; at += pieceBytes) output.add(bytes.subarray(at, at + pieceBytes));
  return { text: output.end(bytes.length), heard: heard.join('') };
}

test('text is whole wherever its pieces are cut, and the listener hears the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 7 }), (text, pieceBytes) => {
      const bytes = new TextEncoder().encode(text);
      expect(keep(bytes, bytes.length, pieceBytes)).toEqual({ text, heard: text });
    }),
  );
});

test('never more than the limit is kept, and a character that the limit cuts is left out', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.nat(40),
      fc.integer({ min: 1, max: 7 }),
      (text, maxBytes, pieceBytes) => {
        const bytes = new TextEncoder().encode(text);
        const kept = keep(bytes, maxBytes, pieceBytes);
        expect(new TextEncoder().encode(kept.text).length).toBeLessThanOrEqual(maxBytes);
        expect(text.startsWith(kept.text)).toBe(true);
        expect(kept.heard).toBe(kept.text);
      },
    ),
  );
});

test('bytes that are no UTF-8 become the replacement character', () => {
  expect(keep(Uint8Array.of(0x61, 0xff, 0xe2, 0x82), 10, 1).text).toBe('a\uFFFD\uFFFD');
});
