import { expect, test } from 'vitest';
import {
  checkPresetName,
  toAppliedWords,
  toChangeEntries,
} from '../../../../renderer/views/settings/limits/changes-model.ts';
import type { SettingChange } from '../../../../shared/contract/settings.ts';

function change(version: number, more: Partial<SettingChange> = {}): SettingChange {
  return { version, key: 'io.maxRunning', from: 1, to: 2, by: 'screen', atMs: 0, ...more };
}

test('each change can be taken back until it has been, and what takes back cannot', () => {
  const entries = toChangeEntries([change(4, { undoes: 2 }), change(3), change(2), change(1)]);
  expect(entries.map(({ version, canUndo, isUndone, undoes }) => [version, canUndo, isUndone, undoes])).toEqual([
    [4, false, false, [2]],
    [3, true, false, []],
    [2, false, true, []],
    [1, true, false, []],
  ]);
});

test('what was changed together is one entry with one undo', () => {
  const [undo, preset, single] = toChangeEntries([
    change(5, { key: 'b', group: 4, undoes: 2 }),
    change(4, { key: 'c', group: 4, undoes: 3 }),
    change(3, { key: 'c', group: 2 }),
    change(2, { key: 'b', group: 2 }),
    change(1),
  ]);
  expect(preset).toMatchObject({ version: 2, isUndone: true, canUndo: false });
  expect(preset?.changes.map(({ key }) => key)).toEqual(['b', 'c']);
  expect(undo).toMatchObject({ version: 4, undoes: [2, 3], canUndo: false });
  expect(single).toMatchObject({ version: 1, canUndo: true });
});

test('a change is told in passing with the first few limits, and with what hides it', () => {
  const changes = ['a', 'b', 'c', 'd', 'e'].map((key, index) => change(index + 1, { key }));
  expect(toAppliedWords({ changes, settings: [], hiddenBy: ['FLOTILLA_A'] })).toBe(
    'a 1 → 2, b 1 → 2, c 1 → 2, 2 limits more. FLOTILLA_A is stronger and hides this at the next start.',
  );
  expect(toAppliedWords({ changes: [], settings: [], hiddenBy: [] })).toBe('Everything was so already.');
});

test('a preset cannot take a name that comes with the program, and says what it would replace', () => {
  const presets = [
    { name: 'laptop', isOwn: false },
    { name: 'mine', isOwn: true },
  ];
  expect(checkPresetName(' laptop', presets).problem).toContain('choose another name');
  expect(checkPresetName('mine', presets)).toEqual({ hint: expect.stringContaining('Replaces') });
  expect(checkPresetName('other', presets)).toEqual({});
});
