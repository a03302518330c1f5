import { expect, test } from 'vitest';
import {
  type DraftStore,
  findDraft,
  removeDraft,
  saveDraft,
} from '../../../../renderer/views/fleets/editor/draft-model.ts';
import { fromFileText, toFileText } from '../../../../renderer/views/fleets/editor/file-text.ts';
import { toChange } from '../../../../renderer/views/fleets/editor/text-change.ts';

/** What a page's storage does, in memory; full beyond `maxChars`. */
function createStore(maxChars = Infinity): DraftStore {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem(key, value) {
      if (value.length > maxChars) throw new DOMException('full', 'QuotaExceededError');
      kept.set(key, value);
    },
    removeItem: (key) => void kept.delete(key),
  };
}

test('a draft is found again with the state of the file it began from', () => {
  const store = createStore();
  expect(saveDraft(store, '/a.yaml', { text: 'x', revision: 'r1', atMs: 5 })).toBe(true);
  expect(findDraft(store, '/a.yaml')).toEqual({ text: 'x', revision: 'r1', atMs: 5 });
  removeDraft(store, '/a.yaml');
  expect(findDraft(store, '/a.yaml')).toBeUndefined();
});

test('the ninth draft takes the place of the oldest; a draft saved again does not', () => {
  const store = createStore();
  for (let at = 1; at <= 8; at += 1) saveDraft(store, `/${at}.yaml`, { text: 'x', atMs: at });
  saveDraft(store, '/2.yaml', { text: 'y', atMs: 9 });
  expect(findDraft(store, '/1.yaml')).toBeDefined();
  saveDraft(store, '/9.yaml', { text: 'x', atMs: 10 });
  expect(findDraft(store, '/1.yaml')).toBeUndefined();
  expect(findDraft(store, '/2.yaml')?.text).toBe('y');
});

test('what is too large or does not fit is not kept, and what cannot be read counts as none', () => {
  const store = createStore(100);
  expect(saveDraft(store, '/a.yaml', { text: 'x'.repeat(1_000_001), atMs: 1 })).toBe(false);
  expect(saveDraft(store, '/a.yaml', { text: 'x'.repeat(200), atMs: 1 })).toBe(false);
  store.setItem('flotilla.draft:/b.yaml', '{"text":');
  store.setItem('flotilla.draft:/c.yaml', '{"text":1,"atMs":2}');
  expect(findDraft(store, '/b.yaml')).toBeUndefined();
  expect(findDraft(store, '/c.yaml')).toBeUndefined();
});

test('a file keeps its line ends', () => {
  const file = fromFileText('a: 1\r\nb: 2\r\n');
  expect(file).toEqual({ text: 'a: 1\nb: 2\n', lineEnd: '\r\n' });
  expect(toFileText(file.text, file.lineEnd)).toBe('a: 1\r\nb: 2\r\n');
  expect(toFileText('a\n', fromFileText('a\n').lineEnd)).toBe('a\n');
});

test('a change is the part that differs', () => {
  expect(toChange('name: a # x', 'name: bc # x')).toEqual({ from: 6, to: 7, insert: 'bc' });
  expect(toChange('aa', 'aaa')).toEqual({ from: 2, to: 2, insert: 'a' });
  expect(toChange('a', 'a')).toBeUndefined();
});
