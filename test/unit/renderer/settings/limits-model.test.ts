import { expect, test } from 'vitest';
import {
  findSettings,
  groupSettings,
  isChanged,
  readDraft,
  toBoundsText,
  toPendingText,
  toReadable,
  toValueText,
} from '../../../../renderer/views/settings/limits/limits-model.ts';
import { toKeyWords, toModelsText } from '../../../../renderer/views/settings/providers/providers-model.ts';
import type { SettingState } from '../../../../shared/contract/settings.ts';
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

test('settings are found by every word of what was typed, in name, sentence or the title of the group', () => {
  const all = SETTING_KEYS.map((key) => stateOf(key));
  const keysOf = (search: string): string[] => findSettings(all, search).map(({ key }) => key);
  expect(findSettings(all, ' ')).toBe(all);
  expect(keysOf('cpu worker')).toContain('cpu.maxWorkers');
  expect(keysOf('garbage collection cool')).toEqual(['gc.coolDownMs']);
  expect(keysOf('no such words')).toEqual([]);
});

test('a setting counts as changed when its value is not the default, wherever it came from', () => {
  const state = stateOf('io.maxRunning');
  expect([state, { ...state, source: 'environment' as const }, { ...state, wanted: 5 }].map(isChanged)).toEqual([
    false,
    false,
    true,
  ]);
});

test('what is wanted and not yet in force is said', () => {
  const state = stateOf('io.maxRunning');
  expect(toPendingText(state)).toBeUndefined();
  expect(toPendingText({ ...state, wanted: 5, applies: 'restart' })).toBe(
    'in force: 256 until the program starts again',
  );
  expect(toBoundsText(state)).toBe('1 to 100,000');
});

test('a change that reaches instances one after the other says how many are left', () => {
  const state = stateOf('cpu.maxWorkers', { wanted: 4, effective: 8, draining: { left: 3, total: 4 } });
  expect(toPendingText(state)).toBe('in force: 8, 3 of 4 still to change');
  expect(toPendingText({ ...state, effective: 4 })).toBe('3 of 4 still to change');
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

test('every group of settings has a title of its own that a person reads', () => {
  const groups = groupSettings(SETTING_KEYS.map((key) => stateOf(key)));
  // A title that is the name with a capital was not thought of.
  const made = groups.filter(({ name, title }) => title === name.charAt(0).toUpperCase() + name.slice(1));
  expect(made.map(({ name }) => name).toSorted()).toEqual(['agents', 'history', 'memory', 'tools']);
  expect(new Set(groups.map(({ title }) => title)).size).toBe(groups.length);
  expect(groups.find(({ name }) => name === 'cache.toolResults')?.settings).toHaveLength(5);
});
