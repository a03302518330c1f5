import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAtMarks, groupByRun, toExcerpt, toPlaceText } from '../../../../renderer/views/search/search-model.ts';
import type { FoundText } from '../../../../shared/contract/history.ts';

const hit = (runId: string, agent: number): FoundText => ({
  runId,
  fleet: `fleet of ${runId}`,
  agent,
  name: `agent-${agent}`,
  what: 'toolCall',
  atMs: 0,
  text: '',
  marks: [],
});

test('a text is cut at its marks', () => {
  expect(cutAtMarks('find the word', [[9, 13]])).toEqual([
    { text: 'find the ', isMarked: false },
    { text: 'word', isMarked: true },
  ]);
  expect(cutAtMarks('plain', [])).toEqual([{ text: 'plain', isMarked: false }]);
});

test('whatever the marks are, only space before the text is left out, no letter is lost and none comes twice', () => {
  const mark = fc.tuple(fc.nat(40), fc.nat(40));
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), fc.array(mark, { maxLength: 6 }), (text, marks) => {
      const pieces = cutAtMarks(text, marks);
      expect(pieces.map((piece) => piece.text).join('')).toBe(text.trimStart());
    }),
  );
});

test('neighbours of one run stand together and the order stays', () => {
  const runs = groupByRun([hit('a', 1), hit('a', 2), hit('b', 3), hit('a', 4)]);
  expect(runs.map(({ runId, hits }) => [runId, hits.map(({ agent }) => agent)])).toEqual([
    ['a', [1, 2]],
    ['b', [3]],
    ['a', [4]],
  ]);
});

test('a find says what it stands in', () => {
  expect(toPlaceText({ what: 'toolCall', tool: 'shell', turn: 3 })).toBe('shell, turn 3');
  expect(toPlaceText({ what: 'turn', turn: 3 })).toBe('answer of turn 3');
  expect(toPlaceText({ what: 'prompt' })).toBe('prompt');
});

const words = (text: string, word: string): string => {
  const at = text.indexOf(word);
  return toExcerpt(text, at < 0 ? [] : [[at, at + word.length]])
    .map((piece) => (piece.isMarked ? `[${piece.text}]` : piece.text))
    .join('');
};

test('an excerpt begins near its first mark: not lines before it, and not in the middle of a word', () => {
  expect(words('one\ntwo\nthree\nfour the word', 'word')).toBe('… three\nfour the [word]');
  expect(words(`${'long '.repeat(40)}before the word after`, 'word')).toMatch(
    /^… (?:long ){7,9}before the \[word\] after$/u,
  );
  expect(words('x'.repeat(300) + 'word', 'word')).toBe(`… ${'x'.repeat(60)}[word]`);
  expect(words('the word', 'word')).toBe('the [word]');
  expect(words('word first', 'word')).toBe('[word] first');
  expect(words('no word of it', 'none')).toBe('no word of it');
});

test('runs of spaces and empty lines are short in an excerpt', () => {
  expect(words('a\n\n\n        b\t\t  the word', 'word')).toBe('a\nb the [word]');
});

test('whatever stands before it, the first mark is within its first lines and letters', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', 'ü'), maxLength: 400 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const pieces = toExcerpt(`${before}MARK${after}`, [[before.length, before.length + 4]]);
      const at = pieces.findIndex(({ isMarked }) => isMarked);
      const lead = pieces
        .slice(0, at)
        .map((piece) => piece.text)
        .join('');
      expect(lead.length).toBeLessThanOrEqual(62);
      expect(lead.split('\n').length).toBeLessThanOrEqual(2);
      expect(pieces[at]).toEqual({ text: 'MARK', isMarked: true });
    }),
  );
});
