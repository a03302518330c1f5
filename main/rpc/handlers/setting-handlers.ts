import type { HandlersOf, InstanceParts } from './instance-parts.ts';

/** The limits of the program. */
export function settingHandlers({ settings }: InstanceParts): HandlersOf<'settings'> {
  return {
    list: () => ({ version: settings.version, settings: [...settings.list()] }),
    get: ({ key }) => settings.get(key),
    set: ({ key, value, by }) => settings.set(key, value, by),
    history: ({ limit }) => ({ changes: [...settings.history(limit)] }),
    undo: ({ by }) => settings.undo(by),
  };
}
