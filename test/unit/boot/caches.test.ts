import { expect, test } from 'vitest';
import { readCaches, toCacheMetrics, toCachesValues, toToolCaches } from '../../../main/boot/caches.ts';
import { CACHE_NAMES } from '../../../shared/model/cache-words.ts';
import { defaultSettings, SETTING_KEYS, settingOf, type SettingKey } from '../../../shared/settings/settings.ts';
import { testCaches } from '../../support/test-caches.ts';
import { planOf } from '../../support/test-fleets.ts';

const defaults = defaultSettings({ cores: 4, memoryBytes: 2 ** 33 });
const keys = SETTING_KEYS.filter((key) => key.startsWith('cache.'));

/** A value that the setting may have and has not by default. */
function anotherValue(key: SettingKey): number | boolean | string {
  const setting = settingOf(key);
  if (setting.kind === 'boolean') return !setting.default;
  if (setting.kind === 'names') return 'other';
  if (setting.kind === 'choice') return setting.values.find((word) => word !== setting.default)!;
  if (!('max' in setting)) throw new Error(`${key} is no limit of a cache.`);
  return setting.default === setting.max ? setting.min : setting.max;
}

test.each(keys)('%s reaches its cache, and nothing else', (key) => {
  const before = toCachesValues(defaults);
  const after = toCachesValues({ ...defaults, [key]: anotherValue(key) });
  const differing = CACHE_NAMES.flatMap((name) =>
    Object.keys(before[name]).flatMap((field) => {
      const [one, other] = [before, after].map((values) => (values[name] as unknown as Record<string, unknown>)[field]);
      return one === other ? [] : [`cache.${name}.${field === 'isEnabled' ? 'enabled' : field}`];
    }),
  );
  expect(differing).toEqual([key]);
});

test('every cache has each of its settings', () => {
  expect(keys).toHaveLength(CACHE_NAMES.length * 5);
});

test('every bound of a setting is one that the caches take', async () => {
  for (const bound of ['min', 'max'] as const) {
    const values = Object.fromEntries(
      keys.map((key) => {
        const setting = settingOf(key);
        return [key, 'min' in setting ? setting[bound] : defaults[key]];
      }),
    );
    const caches = testCaches();
    await caches.reconfigure(toCachesValues({ ...defaults, ...values }));
    expect(readCaches(caches).map(({ maxEntries }) => maxEntries)).toEqual(
      CACHE_NAMES.map((name) => values[`cache.${name}.maxEntries`]),
    );
  }
});

test('a fleet that wants every call to run has no cache of results, and still one of schemas', () => {
  const caches = testCaches();
  const cache = { toolResults: false, modelAnswers: false, share: false };
  expect(toToolCaches(caches, planOf(1, { cache }))).toEqual({ schemas: caches.toolSchemas, results: undefined });
  expect(toToolCaches(caches, planOf(1)).results).toMatchObject({ cache: caches.toolResults });
});

test('the figures of each second tell of caches that were asked, and of no others', () => {
  const caches = testCaches({ toolResults: { maxEntries: 1 } });
  expect(toCacheMetrics(caches)).toEqual({});
  for (const key of ['a', 'b']) caches.toolResults.keep(key, { text: '', basis: '', outputBytes: undefined });
  caches.toolResults.find('a');
  caches.toolResults.find('b');
  expect(toCacheMetrics(caches)).toEqual({
    'cache.toolResults.entries': 1,
    'cache.toolResults.bytes': caches.toolResults.figures().bytes,
    'cache.toolResults.hits': 1,
    'cache.toolResults.misses': 1,
    'cache.toolResults.evictions': 1,
  });
});
