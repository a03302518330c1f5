import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openForWriting } from '../../../main/history/store/database.ts';
import { WordIndex } from '../../../main/history/writer/word-index.ts';
import { call, callStart, ended, launched, RUN, temporaryDirectory, turn } from '../../support/history-events.ts';
import { writeHistory } from '../../support/history-writing.ts';

test('words of prompts, answers, arguments and output are found, newest first, page by page', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write([
    ...launched(1),
    turn(0, 1, { text: 'I read the lighthouse' }),
    ...[1, 2, 3, 4, 5].map((n) => call(0, n)),
    ...ended(1),
  ]);
  expect(history.calls.search('contents')).toMatchObject({ hits: [] });
  expect(history.calls.search('contents').wordLag).toBeGreaterThan(0);
  history.index();
  const first = history.calls.search('CONTENTS file', { limit: 2 });
  expect(first.hits.map((hit) => hit.call)).toEqual([5, 4]);
  expect(history.calls.search('contents', { limit: 9, after: first.next }).hits.map((hit) => hit.call)).toEqual([
    3, 2, 1,
  ]);
  expect(first).toMatchObject({
    wordLag: 0,
    hits: [{ runId: RUN, what: 'toolCall', tool: 'read_file', fleet: 'survey' }, {}],
  });
  expect(history.calls.search('lighthouse').hits).toMatchObject([{ what: 'turn', turn: 1 }]);
  expect(history.calls.search('survey').hits).toMatchObject([{ what: 'prompt', agent: 0 }]);
  expect(history.calls.search('surveys').hits).toHaveLength(1);
  expect(history.calls.search('file-3.ts').hits).toMatchObject([{ call: 3 }]);
  expect(history.calls.search('contents', { runId: 'other' }).hits).toEqual([]);
});

test('a call that ends after its row was indexed is found by its output', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write([...launched(1), callStart(0, 1)]);
  history.index();
  expect(history.calls.search('xylophone').hits).toEqual([]);
  history.write([call(0, 1, { output: 'a xylophone' })]);
  history.index();
  expect(history.calls.search('xylophone').hits).toHaveLength(1);
  expect(history.calls.search('read_file').hits).toHaveLength(1);
});

test('no text that a person can type is a query that fails', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write([...launched(1), call(0, 1, { output: 'unbalanced and more' })]);
  history.index();
  expect(history.calls.search('"unbalanced AND (').hits).toHaveLength(1);
  for (const text of [
    '',
    '"',
    '((',
    'a"b',
    'NEAR(',
    'text:x',
    '*',
    '^',
    '-x',
    'a OR',
    '\0',
    "'; DROP TABLE runs; --",
    '\ud800',
  ])
    expect(Array.isArray(history.calls.search(text).hits)).toBe(true);
  const odd = fc.string({
    unit: fc.constantFrom(...'"()*^:-+{}[]\\\'\0 \t,.;ANDORTnear'.split(''), 'é', '\ud83d', '🚀', '日本'),
  });
  fc.assert(
    fc.property(fc.oneof(odd, fc.string({ unit: 'binary' })), (text) => Array.isArray(history.calls.search(text).hits)),
  );
});

test('the index takes in long texts in smaller steps, a row larger than a step alone, and all of them in the end', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  const output = 'word '.repeat(12_000);
  history.write([...launched(1), ...Array.from({ length: 100 }, (_, n) => call(0, n + 1, { output }))]);
  history.write([turn(0, 1, { text: `${'long '.repeat(100_000)} narwhal` }), call(0, 101, { output: 'the last' })]);
  using connection = new DisposableStack();
  const opened = connection.adopt(openForWriting(directory.path), (each) => void each.close());
  const words = new WordIndex(opened);
  const before = words.lag();
  const steps: number[] = [];
  for (let taken = words.step(); taken > 0; taken = words.step()) steps.push(taken);
  expect(steps.length).toBeGreaterThan(100 / 5);
  expect(steps.reduce((sum, taken) => sum + taken, 0)).toBe(before);
  expect(words.lag()).toBe(0);
  expect(history.calls.search('word', { limit: 200 }).hits).toHaveLength(100);
  expect(history.calls.search('narwhal').hits).toHaveLength(1);
  expect(history.calls.search('last').hits).toHaveLength(1);
});

test('words are marked where the index finds them, inflected or not, and the text shown is around the first', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  const output = `a profile of things. ${'filler '.repeat(100)}Surveys of the CAFÉS at file-3.ts \u{1F600} were surveyed; resurvey`;
  history.write([...launched(1), call(0, 1, { output }), ...ended(1)]);
  history.index();
  const [hit] = history.calls.search('surveying café file-3.ts').hits;
  expect(hit).toMatchObject({ name: 'agent-0', what: 'toolCall' });
  expect(hit!.marks.map(([start, end]) => hit!.text.slice(start, end))).toEqual([
    'Surveys',
    'CAFÉS',
    'file-3.ts',
    'surveyed',
  ]);
  // "profile" holds the letters, not the word: the text shown is around the word.
  const [file] = history.calls.search('file').hits;
  expect(file!.marks.map(([start, end]) => file!.text.slice(start, end))).toContain('file');
  expect(history.calls.search('\u0001surveys\u0002 "').hits[0]!.marks.length).toBeGreaterThan(0);
});
