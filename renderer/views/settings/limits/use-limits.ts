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
    (host, { key, value }: { key: string; value: Value }, how) =>
      host.calls.settings.set({ values: { [key]: value }, by: 'screen' }, how),
    { changes: ['settings'], onError: (error) => report(error, 'The limit was not changed') },
  );
  const undo = useHostCommand((host, _nothing: void, how) => host.calls.settings.undo({ by: 'screen' }, how), {
    changes: ['settings'],
    onError: (error) => report(error, 'Nothing was taken back'),
  });
  const takeBack = async (): Promise<void> => {
    const done = await undo.run(undefined);
    for (const { key, to } of done?.changes ?? []) {
      const unit = done?.settings.find((each) => each.key === key)?.unit ?? 'count';
      show({ tone: 'ok', title: `${key} is ${toReadable(to, unit)} again` });
    }
  };
  return {
    settings,
    changes,
    isBusy: set.isRunning || undo.isRunning,
    undo: takeBack,
    set: async ({ key, unit }, value) => {
      const done = await set.run({ key, value });
      const change = done?.changes[0];
      if (!change) return;
      const words = `${toReadable(change.from, unit)} → ${toReadable(change.to, unit)}`;
      const isHidden = done.hiddenBy.length > 0;
      const hidden = isHidden ? ` ${done.hiddenBy.join(', ')} is stronger and hides this at the next start.` : '';
      show({
        tone: isHidden ? 'warn' : 'ok',
        title: key,
        text: `${words}.${hidden}`,
        action: { label: 'Undo', run: () => void takeBack() },
      });
    },
  };
}
