import { expect, test } from 'vitest';
import { toQuotedParts } from '../../../../renderer/views/fleets/text/quoted-parts.ts';

test('words between backticks are parts of their own; a single backtick is a character', () => {
  expect(toQuotedParts('unknown `a`, not `b`').map(({ text, isCode }) => [text, isCode])).toEqual([
    ['unknown ', false],
    ['a', true],
    [', not ', false],
    ['b', true],
  ]);
  expect(toQuotedParts('a ` b').map(({ text }) => text)).toEqual(['a ` b']);
  expect(toQuotedParts('')).toEqual([]);
});
