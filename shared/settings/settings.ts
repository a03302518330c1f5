import type {
  BooleanSetting,
  ChoiceSetting,
  MachineFacts,
  NamesSetting,
  Setting,
  SettingValue,
} from './define-setting.ts';
import { agentSettings } from './groups/agents.ts';
import { breakerSettings } from './groups/breakers.ts';
import { cacheSettings } from './groups/caches.ts';
import { historySettings } from './groups/history.ts';
import { cpuSettings, ioSettings, processSettings } from './groups/lanes.ts';
import { gcSettings, memorySettings } from './groups/memory.ts';
import { providerSettings } from './groups/providers.ts';

/**
 * Every tunable limit, once: validation, the command line, the docs page, screens and the audit trail are made from
 * it. A new limit is one entry.
 */
const SETTINGS = {
  ...ioSettings,
  ...cpuSettings,
  ...processSettings,
  ...providerSettings,
  ...agentSettings,
  ...breakerSettings,
  ...cacheSettings,
  ...historySettings,
  ...memorySettings,
  ...gcSettings,
} as const;

/** The key of a setting: `<group>.<name>`. */
export type SettingKey = keyof typeof SETTINGS;

type ValueOf<S> =
  S extends ChoiceSetting<infer Word>
    ? Word
    : S extends BooleanSetting
      ? boolean
      : S extends NamesSetting
        ? string
        : number;

/** A value for every setting, in its unit. */
export type SettingsValues = { readonly [Key in SettingKey]: ValueOf<(typeof SETTINGS)[Key]> };

/** Keys in the order of the registry. */
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[];

/** Whether `text` is the key of a setting. */
export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(SETTINGS, text);
}

/** The setting with this key, in its widest type. */
export function settingOf(key: SettingKey): Setting {
  return SETTINGS[key];
}

/** What a setting is on this machine when nobody sets it. */
export function defaultOf(key: SettingKey, machine: MachineFacts): SettingValue {
  const setting = settingOf(key);
  return typeof setting.default === 'function' ? setting.default(machine) : setting.default;
}

/** Every setting at its default on this machine. */
export function defaultSettings(machine: MachineFacts): SettingsValues {
  return Object.fromEntries(SETTING_KEYS.map((key) => [key, defaultOf(key, machine)])) as unknown as SettingsValues;
}

/** The environment variable that sets `key`: `cpu.maxWorkers` is `FLOTILLA_CPU_MAX_WORKERS`. */
export function environmentNameOf(key: SettingKey): string {
  return `FLOTILLA_${key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`;
}
