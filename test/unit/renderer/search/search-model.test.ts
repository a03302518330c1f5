import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAtMarks, groupByRun, toPlaceText } from '../../../../renderer/views/search/search-model.ts';
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
