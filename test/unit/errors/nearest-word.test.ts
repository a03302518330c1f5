import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findNearestWord } from '../../../shared/errors/nearest-word.ts';

const KNOWN = ['read_file', 'write_file', 'list_files', 'shell', 'maxOutputBytes'];

test.each([
  ['read_flie', 'read_file'],
  ['ReadFile', 'read_file'],
  ['list-files', 'list_files'],
  ['write', 'write_file'],
  ['shel', 'shell'],
  ['max-output-byte', 'maxOutputBytes'],
])('%s is near to %s', (word, near) => {
  expect(findNearestWord(word, KNOWN)).toBe(near);
});

test.each([['banana'], ['x'], [''], ['sh'], ['read_file'.repeat(8)]])('"%s" is near to nothing', (word) => {
  expect(findNearestWord(word, KNOWN)).toBeUndefined();
});

test('of several near words the one with the fewest edits is taken, the first of equals', () => {
  expect(findNearestWord('lanes', ['lines', 'lane', 'planes'])).toBe('lines');
  expect(findNearestWord('lanes', ['plains', 'lane'])).toBe('lane');
});

test('a word is near to itself, and stays near with one letter changed', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{3,20}$/), fc.nat(), fc.stringMatching(/^[a-z]$/), (word, at, letter) => {
      const place = at % word.length;
      expect(findNearestWord(word, [word])).toBe(word);
      expect(findNearestWord(word.slice(0, place) + letter + word.slice(place + 1), [word])).toBe(word);
      expect(findNearestWord(word.slice(0, place) + word.slice(place + 1), [word])).toBe(word);
    }),
  );
});
