import { useEffect, useId, useState } from 'react';
import type { FleetPreview } from '../../../../shared/contract/fleets.ts';
import type { FleetProblem } from '../../../../shared/fleet/fleet-problem.ts';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { useReach } from '../../../rpc/host-context.tsx';
import { valueOf } from '../../../rpc/loaded.ts';
import { useHostQuery } from '../../../rpc/queries.ts';
import { after } from '../../../rpc/timers.ts';

/** What the host says of a text. */
export interface FleetCheck {
  /** Of the newest answer, which may be of a text that was changed since. */
  readonly problems: readonly FleetProblem[];
  readonly preview: FleetPreview | undefined;
  /** The last one there was, to be shown while the text has mistakes. */
  readonly lastPreview: FleetPreview | undefined;
  /** The answer is of the text as it stands. */
  readonly isNewest: boolean;
  /** The text the newest answer is of; `undefined` before the first. */
  readonly checkedText: string | undefined;
  readonly isConnected: boolean;
  readonly failure: { readonly error: AppError; readonly retry: () => void } | undefined;
}

/** Pause in typing after which a text is checked: short enough to seem at once, long enough not to ask at each letter. */
const SETTLE_MS = 200;

/** A provider that was not ready is looked at again this often: its key or its server may have come. */
const NOT_READY_MS = 5_000;

/** Checks a text while it is typed: the newest wins, an older question is called off. */
export function useFleetCheck(path: string | undefined, text: string, toFile: (text: string) => string): FleetCheck {
  const id = useId();
  const reach = useReach();
  // Texts are large and keys are kept: a text goes by its number.
  const [asked, setAsked] = useState({ text, version: 0 });
  useEffect(() => {
    if (text === asked.text) return undefined;
    const timer = after(SETTLE_MS, () => setAsked(({ version }) => ({ text, version: version + 1 })));
    return () => timer[Symbol.dispose]();
  }, [text, asked.text]);
  const [isNotReady, setNotReady] = useState(false);
  const loaded = useHostQuery({
    key: ['fleet-check', id, path, asked.version],
    ask: async (host, signal) => {
      const request = { ...(path === undefined ? {} : { path }), text: toFile(asked.text), overrides: {} };
      const answer = await host.calls.fleets.validate(request, { signal });
      return { ...answer, text: asked.text };
    },
    enabled: path !== undefined,
    keepsLast: true,
    ...(isNotReady ? { everyMs: NOT_READY_MS } : {}),
  });
  const answer = valueOf(loaded);
  const [lastPreview, setLastPreview] = useState<FleetPreview>();
  if (answer?.preview && answer.preview !== lastPreview) setLastPreview(answer.preview);
  const needsLook = answer?.preview?.providers.some(({ ready }) => !ready) ?? false;
  if (needsLook !== isNotReady) setNotReady(needsLook);
  return {
    problems: answer?.problems ?? [],
    preview: answer?.preview,
    lastPreview,
    isNewest: answer !== undefined && answer.text === text,
    checkedText: answer?.text,
    isConnected: reach === 'here',
    failure: loaded.kind === 'failed' ? loaded : undefined,
  };
}
