import { expect, test } from 'vitest';
import {
  findUndoable,
  groupSettings,
  readDraft,
  toBoundsText,
  toPendingText,
  toReadable,
  toValueText,
} from '../../../../renderer/views/settings/limits/limits-model.ts';
import { toKeyWords, toModelsText } from '../../../../renderer/views/settings/providers/providers-model.ts';
import type { SettingChange, SettingState } from '../../../../shared/contract/settings.ts';
import { parseSettingValue } from '../../../../shared/settings/setting-value.ts';
import { defaultSettings, SETTING_KEYS, settingOf } from '../../../../shared/settings/settings.ts';

const machine = { cores: 8, memoryBytes: 16 * 2 ** 30 };
const defaults = defaultSettings(machine);

function stateOf(key: (typeof SETTING_KEYS)[number], more: Partial<SettingState> = {}): SettingState {
  const setting = settingOf(key);
  const bounds = 'min' in setting ? { min: setting.min, max: setting.max } : {};
  const value = defaults[key];
  return {
    key,
    kind: setting.kind,
    unit: setting.unit,
    applies: setting.applies,
    summary: setting.summary,
    source: 'default',
    default: value,
    wanted: value,
    effective: value,
    ...bounds,
    ...('values' in setting ? { values: [...setting.values] } : {}),
    ...more,
  };
}

test('every default is shown as a text that reads back as the same value', () => {
  const readBack = SETTING_KEYS.map((key) => {
    const { wanted, unit } = stateOf(key);
    return [key, parseSettingValue(key, toValueText(wanted, unit))];
  });
  expect(readBack).toEqual(SETTING_KEYS.map((key) => [key, defaults[key]]));
});

test('a list of names is shown as it is typed, and an empty one as a word', () => {
  const state = stateOf('tools.off', { wanted: 'shell,http', maxNames: 30 });
  expect([toValueText('shell,http', 'names'), toReadable('', 'names')]).toEqual(['shell, http', 'none']);
  expect(toBoundsText(state)).toBe('up to 30 names, with commas between them');
  expect(readDraft(state, 'shell,http')).toEqual({ kind: 'same' });
  expect(readDraft(state, 'shell')).toEqual({ kind: 'new', value: 'shell' });
  expect(readDraft(state, '')).toEqual({ kind: 'new', value: '' });
  expect(readDraft(state, 'shell http')).toMatchObject({ kind: 'wrong', problem: expect.stringContaining('commas') });
});

test('values are shown in the largest unit that holds them whole', () => {
  expect(toValueText(256 * 2 ** 20, 'bytes')).toBe('256 MiB');
  expect(toValueText(1_500, 'ms')).toBe('1500 ms');
  expect(toValueText(30_000, 'ms')).toBe('30 s');
  expect(toValueText(0, 'bytes')).toBe('0 B');
  expect(toReadable(20_000, 'count')).toBe('20,000');
});

test('a draft is the same, new, or wrong with the sentence the host would give', () => {
  const state = stateOf('cpu.oldGenerationBytes');
  expect(readDraft(state, ' 256 MiB ')).toEqual({ kind: 'same' });
  expect(readDraft(state, '512MiB')).toEqual({ kind: 'new', value: 512 * 2 ** 20 });
  expect(readDraft(state, '1 B')).toMatchObject({ kind: 'wrong', problem: expect.stringContaining('must be') });
  expect(readDraft(stateOf('io.queueCapacity'), '30,000')).toEqual({ kind: 'new', value: 30_000 });
});

test('a setting of a newer host is left to the host to judge', () => {
  const newer = { ...stateOf('io.maxRunning'), key: 'io.notYetKnown' };
  expect(readDraft(newer, '5')).toEqual({ kind: 'new', value: '5' });
});

test('settings are found by every word of what was typed, in name or sentence', () => {
  const all = SETTING_KEYS.map((key) => stateOf(key));
  expect(groupSettings(all, '').flatMap(({ settings }) => settings)).toHaveLength(all.length);
  const found = groupSettings(all, 'cpu worker').flatMap(({ settings }) => settings.map(({ key }) => key));
  expect(found).toContain('cpu.maxWorkers');
  expect(groupSettings(all, 'no such words')).toEqual([]);
});

test('what is wanted and not yet in force is said', () => {
  const state = stateOf('io.maxRunning');
  expect(toPendingText(state)).toBeUndefined();
  expect(toPendingText({ ...state, wanted: 5, applies: 'restart' })).toBe(
    'in force: 256 until the program starts again',
  );
  expect(toBoundsText(state)).toBe('1 to 100,000');
});

test('an undo takes back the newest change that stands', () => {
  const change = (version: number, undoes?: number): SettingChange => ({
    version,
    key: 'io.maxRunning',
    from: 1,
    to: 2,
    by: 'screen',
    atMs: 0,
    ...(undoes === undefined ? {} : { undoes }),
  });
  expect(findUndoable([])).toBeUndefined();
  expect(findUndoable([change(2), change(1)])?.version).toBe(2);
  expect(findUndoable([change(3, 2), change(2), change(1)])?.version).toBe(1);
  expect(findUndoable([change(4, 1), change(3, 2), change(2), change(1)])).toBeUndefined();
});

test('a missing key names its variable and, where keys are kept, the other way', () => {
  const missing = { key: 'missing', keyFrom: 'OPENAI_API_KEY' } as const;
  expect(toKeyWords(missing, false).sentence).toContain('Start Flotilla with OPENAI_API_KEY');
  expect(toKeyWords(missing, true).sentence).toContain('Set a key here');
  expect(toKeyWords({ key: 'none needed' }, true)).toMatchObject({ word: 'no key needed', sentence: '' });
});

test('many models are counted beyond the first few', () => {
  expect(toModelsText([])).toBe('It offers no model.');
  expect(toModelsText(['a', 'b'])).toBe('a, b');
  expect(toModelsText(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])).toBe('a, b, c, d, e, f and 2 more');
});

test('every group of settings has a title a person reads', () => {
  const groups = groupSettings(
    SETTING_KEYS.map((key) => stateOf(key)),
    '',
  );
  expect(groups.map(({ title }) => title).filter((title) => /^\p{Ll}/u.test(title))).toEqual([]);
});
