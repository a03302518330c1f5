import { expect, test } from 'vitest';
import { type Action, groupActions, scoreAction } from '../../../../renderer/ui/actions/action.ts';
import { listActions } from '../../../../renderer/ui/actions/action-store.ts';
import { HotkeyReader, toKeyCaps, toStroke } from '../../../../renderer/ui/actions/hotkey.ts';

const plain = { ctrlKey: false, metaKey: false, altKey: false };
const action = (id: string, title: string, more: Partial<Action> = {}): Action => ({
  id,
  title,
  group: 'Window',
  run: () => undefined,
  ...more,
});

test('a stroke is spelled the same on every system', () => {
  expect(toStroke({ ...plain, key: 'K', ctrlKey: true })).toBe('mod+k');
  expect(toStroke({ ...plain, key: 'k', metaKey: true })).toBe('mod+k');
  expect(toStroke({ ...plain, key: '?' })).toBe('?');
  expect(toStroke({ ...plain, key: ' ' })).toBe('space');
});

test('keys are shown as they stand on the keyboard', () => {
  expect(toKeyCaps('mod+k', true)).toEqual(['⌘K']);
  expect(toKeyCaps('mod+k', false)).toEqual(['Ctrl K']);
  expect(toKeyCaps('g r', false)).toEqual(['G', 'R']);
  expect(toKeyCaps('escape', false)).toEqual(['Esc']);
  expect(toKeyCaps('+', false)).toEqual(['+']);
});

test('keys of a row come one after the other, within a second', () => {
  const reader = new HotkeyReader();
  const keys = ['g f', 'g r', '/'];
  expect(reader.read('g', keys, 0)).toEqual({ kind: 'waiting' });
  expect(reader.read('r', keys, 900)).toEqual({ kind: 'hotkey', keys: 'g r' });
  expect(reader.read('r', keys, 950)).toBeUndefined();
  reader.read('g', keys, 2_000);
  expect(reader.read('r', keys, 3_100)).toBeUndefined();
});

test('a row that leads nowhere begins anew with its last key', () => {
  const reader = new HotkeyReader();
  const keys = ['g f', '/'];
  reader.read('g', keys, 0);
  expect(reader.read('/', keys, 10)).toEqual({ kind: 'hotkey', keys: '/' });
  reader.read('g', keys, 20);
  expect(reader.read('g', keys, 30)).toEqual({ kind: 'waiting' });
  expect(reader.read('f', keys, 40)).toEqual({ kind: 'hotkey', keys: 'g f' });
});

test('of two actions with one key or one name, the one registered last stands', () => {
  const frame = [action('a', 'Search all', { keys: '/' }), action('b', 'Help')];
  const page = [action('c', 'Search this page', { keys: '/' }), action('b', 'Help of this page')];
  const all = listActions(
    new Map([
      ['frame', frame],
      ['page', page],
    ]),
  );
  expect(all.map(({ title }) => title)).toEqual(['Search this page', 'Help of this page']);
});

test('every word that was typed must fit, and a beginning fits better than an inside', () => {
  const pause = action('p', 'Pause all runs', { words: ['everything'] });
  expect(scoreAction(pause, 'pau')).toBeGreaterThan(scoreAction(pause, 'run'));
  expect(scoreAction(pause, 'run')).toBeGreaterThan(scoreAction(pause, 'every'));
  expect(scoreAction(pause, 'every')).toBeGreaterThan(scoreAction(pause, 'use'));
  expect(scoreAction(pause, 'pause stop')).toBe(0);
  expect(scoreAction(pause, '  ')).toBe(1);
});

test('actions keep their order under their headings', () => {
  const groups = groupActions([action('a', 'A'), action('b', 'B', { group: 'Go to' }), action('c', 'C')]);
  expect(groups.map(({ group, actions }) => [group, actions.map(({ id }) => id)])).toEqual([
    ['Window', ['a', 'c']],
    ['Go to', ['b']],
  ]);
});
