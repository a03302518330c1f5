import { useState } from 'react';
import type { SettingChange, SettingState } from '../../../../shared/contract/settings.ts';
import { type Loaded, valueOf } from '../../../rpc/loaded.ts';
import { useHostCommand, useHostQuery } from '../../../rpc/queries.ts';
import { useToasts } from '../../../ui/toasts/use-toasts.ts';
import { type Applied, toAppliedWords } from './changes-model.ts';
import type { Value } from './limits-model.ts';

/** Changes that are shown. */
const SHOWN_CHANGES = 100;
/** The settings file may be edited beside the window, which is to show it soon. */
const EVERY_MS = 2_000;
/** While a change is on its way its progress is watched. */
const DRAINING_MS = 500;

/** All limits as they stand. */
export interface KnownLimits {
  readonly settings: readonly SettingState[];
  /** Why the newest edit of the settings file was not taken over. */
  readonly fileProblem?: string | undefined;
}

/** Limits, their history and how to change them. */
export interface Limits {
  readonly known: Loaded<KnownLimits>;
  readonly changes: Loaded<readonly SettingChange[]>;
  readonly set: (setting: SettingState, value: Value) => Promise<void>;
  /** Takes back the change with this version, with all that was changed together with it. */
  readonly undo: (version: number) => Promise<void>;
  /** Tells of a change that was made, with the way back. */
  readonly tell: (done: Applied, what: string) => void;
  readonly isBusy: boolean;
}

/** The limits of the program, renewed now and then: another window, the command line or an editor may change them too. */
export function useLimits(): Limits {
  const { report, show } = useToasts();
  const [isDraining, setDraining] = useState(false);
  const known = useHostQuery<KnownLimits>({
    key: ['settings', 'list'],
    everyMs: isDraining ? DRAINING_MS : EVERY_MS,
    ask: (host, signal) => host.calls.settings.list({}, { signal }),
  });
  const isAnyDraining = valueOf(known)?.settings.some(({ draining }) => draining !== undefined) ?? false;
  if (isAnyDraining !== isDraining) setDraining(isAnyDraining);
  const changes = useHostQuery({
    key: ['settings', 'history'],
    everyMs: EVERY_MS,
    ask: async (host, signal) => (await host.calls.settings.history({ limit: SHOWN_CHANGES }, { signal })).changes,
  });
  const set = useHostCommand(
    (host, { key, value }: { key: string; value: Value }, how) =>
      host.calls.settings.set({ values: { [key]: value }, by: 'screen' }, how),
    { changes: ['settings'], onError: (error) => report(error, 'The limit was not changed') },
  );
  const undo = useHostCommand(
    (host, version: number, how) => host.calls.settings.undo({ by: 'screen', version }, how),
    { changes: ['settings'], onError: (error) => report(error, 'Nothing was taken back') },
  );
  const takeBack = async (version: number): Promise<void> => {
    const done = await undo.run(version);
    if (done) show({ tone: 'ok', title: `Change ${version} is taken back`, text: toAppliedWords(done) });
  };
  const tell = (done: Applied, what: string): void => {
    const [first] = done.changes;
    show({
      tone: done.hiddenBy.length > 0 ? 'warn' : 'ok',
      title: what,
      text: toAppliedWords(done),
      ...(first ? { action: { label: 'Undo', run: () => void takeBack(first.version) } } : {}),
    });
  };
  return {
    known,
    changes,
    isBusy: set.isRunning || undo.isRunning,
    undo: takeBack,
    tell,
    set: async ({ key }, value) => {
      const done = await set.run({ key, value });
      if (done && done.changes.length > 0) tell(done, key);
    },
  };
}
