import type { OutputOf } from '../../../../shared/contract/contract.ts';
import type { ProviderEntry, providers } from '../../../../shared/contract/providers.ts';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { useState } from 'react';
import type { Loaded } from '../../../rpc/loaded.ts';
import { useHostCommand, useHostQuery } from '../../../rpc/queries.ts';
import { useToasts } from '../../../ui/toasts/use-toasts.ts';

type CheckAnswer = OutputOf<(typeof providers)['entries']['check']>;

/** What the last check of a provider came to. */
export type Checked =
  | { readonly kind: 'fine'; readonly answer: CheckAnswer }
  | { readonly kind: 'wrong'; readonly error: AppError };

/** Providers that come with the program. */
export function useProviders(): Loaded<readonly ProviderEntry[]> {
  return useHostQuery({
    key: ['providers', 'list'],
    ask: async (host, signal) => (await host.calls.providers.list({}, { signal })).providers,
  });
}

/** Asks one provider once whether it answers, when told to. */
export function useProviderCheck(name: string): {
  readonly checked: Checked | undefined;
  readonly isChecking: boolean;
  readonly check: () => Promise<void>;
} {
  const [checked, setChecked] = useState<Checked>();
  const ask = useHostCommand((host) => host.calls.providers.check({ name }), {
    onError: (error) => setChecked({ kind: 'wrong', error }),
  });
  return {
    checked,
    isChecking: ask.isRunning,
    check: async () => {
      setChecked(undefined);
      const answer = await ask.run(undefined);
      if (answer) setChecked({ kind: 'fine', answer });
    },
  };
}

/** Hands a provider's key to the operating system, or takes it back. */
export function useProviderKey(name: string): {
  readonly isRunning: boolean;
  /** Whether it is kept now. */
  readonly keep: (key: string) => Promise<boolean>;
  readonly remove: () => Promise<void>;
} {
  const { report, show } = useToasts();
  const set = useHostCommand((host, key: string, how) => host.calls.providers.setKey({ name, key }, how), {
    changes: ['providers'],
    onError: (error) => report(error, 'The key is not kept'),
  });
  const remove = useHostCommand((host, _nothing: void, how) => host.calls.providers.removeKey({ name }, how), {
    changes: ['providers'],
    onError: (error) => report(error, 'The key was not removed'),
  });
  return {
    isRunning: set.isRunning || remove.isRunning,
    keep: async (key) => {
      const kept = await set.run(key);
      if (kept) show({ tone: 'ok', title: `Key of ${name} kept`, text: 'Runs that start from now on use it.' });
      return kept !== undefined;
    },
    remove: async () => {
      const left = await remove.run(undefined);
      if (left) show({ tone: 'ok', title: `Key of ${name} removed` });
    },
  };
}
