import type { SettingPreset } from '../../../../shared/contract/settings.ts';
import type { Loaded } from '../../../rpc/loaded.ts';
import { useHostCommand, useHostQuery } from '../../../rpc/queries.ts';
import { useToasts } from '../../../ui/toasts/use-toasts.ts';
import type { Applied } from './changes-model.ts';

/** Limits under one name, and what can be done with them. */
export interface Presets {
  readonly presets: Loaded<readonly SettingPreset[]>;
  readonly isBusy: boolean;
  /** Whether it is in force now. */
  readonly apply: (name: string) => Promise<boolean>;
  /** Whether it is kept now. */
  readonly save: (name: string) => Promise<boolean>;
  readonly remove: (name: string) => Promise<void>;
}

/** The presets, each with what it would change as limits stand now; `tell` says what was changed. */
export function usePresets(tell: (done: Applied, what: string) => void): Presets {
  const { report, show } = useToasts();
  const presets = useHostQuery({
    key: ['settings', 'presets'],
    everyMs: 5_000,
    ask: async (host, signal) => (await host.calls.settings.presets({}, { signal })).presets,
  });
  const apply = useHostCommand(
    (host, name: string, how) => host.calls.settings.applyPreset({ name, by: 'screen' }, how),
    { changes: ['settings'], onError: (error) => report(error, 'The preset was not applied') },
  );
  const save = useHostCommand((host, name: string, how) => host.calls.settings.savePreset({ name }, how), {
    changes: ['settings'],
    onError: (error) => report(error, 'The preset was not saved'),
  });
  const remove = useHostCommand((host, name: string, how) => host.calls.settings.removePreset({ name }, how), {
    changes: ['settings'],
    onError: (error) => report(error, 'The preset was not removed'),
  });
  return {
    presets,
    isBusy: apply.isRunning || save.isRunning || remove.isRunning,
    apply: async (name) => {
      const done = await apply.run(name);
      if (done) tell(done, `Preset ${name} applied`);
      return done !== undefined;
    },
    save: async (name) => {
      const done = await save.run(name);
      if (done) show({ tone: 'ok', title: `Preset ${name} saved` });
      return done !== undefined;
    },
    remove: async (name) => {
      if (await remove.run(name)) show({ tone: 'ok', title: `Preset ${name} removed` });
    },
  };
}
