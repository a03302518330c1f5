import { useState } from 'react';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { pathTo } from '../../../app/path-to.ts';
import { useHostCommand } from '../../../rpc/queries.ts';
import { createOneAtATime } from '../one-at-a-time.ts';

interface LaunchText {
  readonly path: string;
  readonly text: string;
}

/** The launch of the text as it stands, saved or not. */
export interface Launching {
  readonly isRunning: boolean;
  /** Why the text on show could not be launched. */
  readonly error: AppError | undefined;
  /** Launches and goes to the run; nothing while a launch is under way. */
  readonly run: () => Promise<void>;
}

/** Launches `request`; `go` leads to the run's page without asking about unsaved changes, which wait as a draft. */
export function useLaunching(request: LaunchText, go: (path: string) => void): Launching {
  const [letThrough] = useState(createOneAtATime);
  const [failed, setFailed] = useState<{ readonly error: AppError; readonly text: string }>();
  const command = useHostCommand(
    (host, { path, text }: LaunchText, how) => host.calls.fleets.launch({ path, text, overrides: {} }, how),
    { changes: ['fleets', 'runs', 'history'], onError: (error) => setFailed({ error, text: request.text }) },
  );
  return {
    isRunning: command.isRunning,
    // Words about another text than the one on show would mislead.
    error: failed?.text === request.text ? failed.error : undefined,
    run: () =>
      letThrough(async () => {
        setFailed(undefined);
        const launched = await command.run(request);
        if (launched) go(pathTo.run(launched.runId));
      }),
  };
}
