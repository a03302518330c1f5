import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capOutput, toCharacterBoundary } from '../../../runtime/tools/output-cap.ts';

describe('the cap of an output', () => {
  test('leaves what fits as it is', () => {
    expect(capOutput('äöü', 6)).toEqual({ text: 'äöü', outputBytes: 6 });
    expect(capOutput('', 0)).toEqual({ text: '', outputBytes: 0 });
  });

  test('cuts between characters and says how many bytes are missing', () => {
    expect(capOutput('äöü', 5)).toEqual({ text: 'äö\n[2 bytes cut; the limit is 5 bytes]', outputBytes: 6 });
    expect(capOutput('a🚀', 4).text).toBe('a\n[4 bytes cut; the limit is 4 bytes]');
    expect(capOutput('a\nb', 2).text).toBe('a\n[1 bytes cut; the limit is 2 bytes]');
    expect(capOutput('abc', 0).text).toBe('[3 bytes cut; the limit is 0 bytes]');
  });

  test('counts what the tool itself had cut before', () => {
    expect(capOutput('ab', 10, 1_000)).toEqual({
      text: 'ab\n[998 bytes cut; the limit is 10 bytes]',
      outputBytes: 1_000,
    });
  });

  test('of any text keeps a prefix of whole characters, no longer than allowed, and adds up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.nat(120), (text, maxBytes) => {
        const { text: capped, outputBytes } = capOutput(text, maxBytes);
        expect(outputBytes).toBe(Buffer.byteLength(text));
        fc.pre(outputBytes > maxBytes);
        const [, kept = '', cut] = /^([^]*?)\n?\[(\d+) bytes cut; the limit is \d+ bytes\]$/.exec(capped) ?? [];
        const keptBytes = outputBytes - Number(cut);
        expect(keptBytes).toBeLessThanOrEqual(maxBytes);
        expect(keptBytes).toBeGreaterThan(maxBytes - 4);
        expect(Buffer.from(text).subarray(0, keptBytes).toString().trimEnd()).toBe(kept.trimEnd());
      }),
    );
  });

  test('leaves any text that fits alone', () => {
    const isLeftAlone = fc.property(
      fc.string({ unit: 'grapheme' }),
      (text) => capOutput(text, Buffer.byteLength(text)).text === text,
    );
    expect(fc.check(isLeftAlone).failed).toBe(false);
  });

  test('the boundary before any byte of a text is between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), fc.nat(80), (text, end) => {
        const bytes = Buffer.from(text);
        const boundary = toCharacterBoundary(bytes, end);
        expect(boundary).toBeLessThanOrEqual(Math.min(end, bytes.length));
        expect(Math.min(end, bytes.length) - boundary).toBeLessThan(4);
        expect(text.startsWith(bytes.subarray(0, boundary).toString())).toBe(true);
      }),
    );
  });
});
