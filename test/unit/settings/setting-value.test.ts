import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { checkSettings } from '../../../shared/settings/setting-rules.ts';
import { MAX_VALUE_CHARS } from '../../../shared/settings/define-setting.ts';
import { parseSettingKey, parseSettingValue, toNames } from '../../../shared/settings/setting-value.ts';
import {
  defaultOf,
  defaultSettings,
  environmentNameOf,
  SETTING_KEYS,
  settingOf,
  type SettingsValues,
} from '../../../shared/settings/settings.ts';

const MACHINES = [
  { cores: 1, memoryBytes: 2 ** 30 },
  { cores: 8, memoryBytes: 2 ** 35 },
  { cores: 512, memoryBytes: 2 ** 42 },
];

test('every default lies within its own bounds on small and large machines', () => {
  for (const machine of MACHINES) {
    for (const key of SETTING_KEYS)
      expect(parseSettingValue(key, defaultOf(key, machine))).toBe(defaultOf(key, machine));
    expect(() => checkSettings(defaultSettings(machine))).not.toThrow();
  }
});

test('every setting says in a sentence what it limits', () => {
  for (const key of SETTING_KEYS) expect(settingOf(key).summary).toMatch(/^[A-Z].*\.$/);
});

test('environment names are unique', () => {
  expect(new Set(SETTING_KEYS.map(environmentNameOf)).size).toBe(SETTING_KEYS.length);
  expect(environmentNameOf('cpu.maxWorkers')).toBe('FLOTILLA_CPU_MAX_WORKERS');
});

test('a number outside its bounds is refused and never clamped', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SETTING_KEYS), fc.double({ noNaN: false }), (key, number) => {
      const setting = settingOf(key);
      if (!('min' in setting)) return;
      const isRight = Number.isSafeInteger(number) && number >= setting.min && number <= setting.max;
      const answer = ((): unknown => {
        try {
          return parseSettingValue(key, number);
        } catch (error) {
          return (error as AppError).code;
        }
      })();
      expect(answer).toBe(isRight ? number : 'SETTING_INVALID');
    }),
  );
});

test.each([
  ['cpu.oldGenerationBytes', '256MiB', 256 * 2 ** 20],
  ['cpu.oldGenerationBytes', '256 MB', 256_000_000],
  ['cpu.oldGenerationBytes', '0.5GiB', 2 ** 29],
  ['cpu.idleTimeoutMs', '5s', 5_000],
  ['cpu.idleTimeoutMs', '2min', 120_000],
  ['cpu.idleTimeoutMs', '1.5s', 1_500],
  ['cpu.maxWorkers', ' 3 ', 3],
] as const)('%s understands "%s"', (key, text, value) => {
  expect(parseSettingValue(key, text)).toBe(value);
});

test.each([
  ['cpu.maxWorkers', 'many'],
  ['cpu.maxWorkers', '3.5'],
  ['cpu.maxWorkers', '3s'],
  ['cpu.maxWorkers', '0x3'],
  ['cpu.maxWorkers', '1e1'],
  ['cpu.maxWorkers', ''],
  ['cpu.maxWorkers', true],
  ['cpu.maxWorkers', null],
  ['cpu.maxWorkers', [3]],
  ['cpu.oldGenerationBytes', '256XB'],
  ['cpu.idleTimeoutMs', '0.0001s'],
  ['cpu.idleTimeoutMs', '5MiB'],
  ['cpu.idleTimeoutMs', '5toString'],
] as const)('%s refuses %j with what it would take', (key, value) => {
  expect(() => parseSettingValue(key, value)).toThrow(/must be a whole number.* between \d+ and \d+/);
});

test.each([
  ['', ''],
  ['none', ''],
  ['  ', ''],
  ['shell', 'shell'],
  [' shell , http ', 'shell,http'],
  ['not_there_yet, mcp.files-2', 'not_there_yet,mcp.files-2'],
])('a list of names understands "%s"', (text, value) => {
  expect(parseSettingValue('tools.off', text)).toBe(value);
  expect(parseSettingValue('tools.off', value)).toBe(value);
});

test('the longest list of names is understood, and its names are found in it', () => {
  const longest = Array.from({ length: 30 }, (_, n) => `${n}`.padEnd(64, 'x'));
  const value = parseSettingValue('tools.off', longest.join(', '));
  expect(toNames(String(value))).toEqual(longest);
  expect(toNames('')).toEqual([]);
  expect(String(value).length).toBeLessThanOrEqual(MAX_VALUE_CHARS);
});

test.each([
  ['a name with a space', 'read file'],
  ['nothing between two commas', 'shell,,http'],
  ['a comma at the end', 'shell,'],
  ['a name twice', 'shell,http,shell'],
  ['a name that is too long', 'x'.repeat(65)],
  ['too many', Array.from({ length: 31 }, (_, n) => `tool${n}`).join(',')],
  ['a sign that no name has', 'shell;http'],
  ['a line end', 'shell\nhttp'],
  ['a list', ['shell']],
  ['a number', 7],
  ['nothing', null],
])('a list of names refuses %s with what it would take', (_, value) => {
  expect(() => parseSettingValue('tools.off', value)).toThrow(
    /^"tools.off" must be at most 30 different names .* with commas between them, or "none"; /,
  );
});

test.each([
  ['cpu.maxWorkrs', 'cpu.maxWorkers'],
  ['CPU.MAXWORKERS', 'cpu.maxWorkers'],
  ['maxWorkers', 'cpu.maxWorkers'],
  ['provider.stalMs', 'provider.stallMs'],
])('the misspelt "%s" names "%s"', (text, nearest) => {
  expect(() => parseSettingKey(text)).toThrow(
    expect.objectContaining({ code: 'SETTING_UNKNOWN', details: { nearest } }) as AppError,
  );
});

test.each(['__proto__', 'constructor', 'toString', '', 'x'.repeat(5_000), 'nothing like it'])(
  '"%.20s" is no key, names none, and the sentence stays short',
  (text) => {
    const error = ((): unknown => {
      try {
        return parseSettingKey(text);
      } catch (error) {
        return error;
      }
    })();
    expect(error).toMatchObject({ code: 'SETTING_UNKNOWN', details: {} });
    expect((error as AppError).message.length).toBeLessThan(200);
  },
);

test('values that contradict each other are refused with both names', () => {
  const machine = MACHINES[0] as (typeof MACHINES)[0];
  const values: SettingsValues = {
    ...defaultSettings(machine),
    'provider.retryBaseMs': 9_000,
    'provider.retryMaxMs': 8_000,
  };
  expect(() => checkSettings(values)).toThrow(/"provider.retryBaseMs" \(9000\).*"provider.retryMaxMs" \(8000\)/);
});
