import type { HandlersOf, InstanceParts } from './instance-parts.ts';

/** The limits of the program. */
export function settingHandlers({ settings }: InstanceParts): HandlersOf<'settings'> {
  return {
    list: () => ({ version: settings.version, settings: [...settings.list()], fileProblem: settings.fileProblem }),
    get: ({ key }) => settings.get(key),
    set: ({ values, by }) => settings.set(values, by),
    history: ({ limit }) => ({ changes: [...settings.history(limit)] }),
    undo: ({ by, version }) => settings.undo(by, version),
    presets: async () => ({ presets: [...(await settings.presets())] }),
    applyPreset: ({ name, by }) => settings.applyPreset(name, by),
    savePreset: async ({ name }) => {
      await settings.savePreset(name);
      return {};
    },
    removePreset: async ({ name }) => {
      await settings.removePreset(name);
      return {};
    },
  };
}
