import { AppError } from '../../shared/errors/app-error.ts';
import type { SettingValue } from '../../shared/settings/define-setting.ts';
import { parseSettingValue } from '../../shared/settings/setting-value.ts';
import { environmentNameOf, SETTING_KEYS, type SettingKey } from '../../shared/settings/settings.ts';

const PREFIX = 'FLOTILLA_';
const KEYS_BY_NAME = new Map(SETTING_KEYS.map((key) => [environmentNameOf(key), key]));
const GROUPS = new Set(SETTING_KEYS.map((key) => `${PREFIX}${key.slice(0, key.indexOf('.')).toUpperCase()}_`));

/**
 * Settings from `FLOTILLA_…` variables. One that begins like a setting's group but names none is a mistake; other
 * variables with the prefix are not ours to judge (children inherit some).
 *
 * @throws {AppError} SETTING_UNKNOWN or SETTING_INVALID, naming the variable.
 */
export function readSettingsEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<SettingKey, SettingValue> {
  const layer = new Map<SettingKey, SettingValue>();
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || text === undefined || text === '') continue;
    const key = KEYS_BY_NAME.get(name);
    if (key) layer.set(key, parseSettingValue(key, text, ` (${name})`));
    else if ([...GROUPS].some((group) => name.startsWith(group))) {
      throw new AppError(
        'SETTING_UNKNOWN',
        `The environment variable ${name} names no setting; "flotilla settings list" shows all, unset the variable or correct it.`,
      );
    }
  }
  return layer;
}
