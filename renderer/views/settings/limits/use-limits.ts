import type { SettingChange, SettingState } from '../../../../shared/contract/settings.ts';
import type { Loaded } from '../../../rpc/loaded.ts';
import { useHostCommand, useHostQuery } from '../../../rpc/queries.ts';
import { useToasts } from '../../../ui/toasts/use-toasts.ts';
import { toReadable, type Value } from './limits-model.ts';

/** Changes that are shown. */
const SHOWN_CHANGES = 50;

/** Limits, their history and how to change them. */
export interface Limits {
  readonly settings: Loaded<readonly SettingState[]>;
  readonly changes: Loaded<readonly SettingChange[]>;
  readonly set: (setting: SettingState, value: Value) => Promise<void>;
  readonly undo: () => Promise<void>;
  readonly isBusy: boolean;
}

/** The limits of the program, renewed now and then: another window or the command line may change them too. */
export function useLimits(): Limits {
  const { report, show } = useToasts();
  const settings = useHostQuery({
    key: ['settings', 'list'],
    everyMs: 5_000,
    ask: async (host, signal) => (await host.calls.settings.list({}, { signal })).settings,
  });
  const changes = useHostQuery({
    key: ['settings', 'history'],
    everyMs: 5_000,
    ask: async (host, signal) => (await host.calls.settings.history({ limit: SHOWN_CHANGES }, { signal })).changes,
  });
  const set = useHostCommand(
    (host, input: { key: string; value: Value }, how) => host.calls.settings.set({ ...input, by: 'screen' }, how),
    { changes: ['settings'], onError: (error) => report(error, 'The limit was not changed') },
  );
  const undo = useHostCommand((host, _nothing: void, how) => host.calls.settings.undo({ by: 'screen' }, how), {
    changes: ['settings'],
    onError: (error) => report(error, 'Nothing was taken back'),
  });
  const takeBack = async (): Promise<void> => {
    const done = await undo.run(undefined);
    if (done)
      show({ tone: 'ok', title: `${done.change.key} is ${toReadable(done.change.to, done.setting.unit)} again` });
  };
  return {
    settings,
    changes,
    isBusy: set.isRunning || undo.isRunning,
    undo: takeBack,
    set: async ({ key, unit }, value) => {
      const done = await set.run({ key, value });
      if (!done?.change) return;
      const words = `${toReadable(done.change.from, unit)} → ${toReadable(done.change.to, unit)}`;
      const hidden =
        done.hiddenBy === undefined ? '' : ` ${done.hiddenBy} is stronger and hides this at the next start.`;
      show({
        tone: done.hiddenBy === undefined ? 'ok' : 'warn',
        title: key,
        text: `${words}.${hidden}`,
        action: { label: 'Undo', run: () => void takeBack() },
      });
    },
  };
}
