import { useState } from 'react';
import { useLocation } from 'wouter';
import type { KnownFleet } from '../../../shared/contract/fleets.ts';
import { pathTo } from '../../app/path-to.ts';
import { type Loaded, valueOf } from '../../rpc/loaded.ts';
import { useHostCommand, useHostQuery } from '../../rpc/queries.ts';
import { useToasts } from '../../ui/toasts/use-toasts.ts';
import { createOneAtATime } from './one-at-a-time.ts';

/** The known fleets, and when that was heard. */
interface KnownFleets {
  readonly fleets: readonly KnownFleet[];
  readonly atMs: number;
}

/** What the page "Fleets" shows and does. */
export interface FleetsPage {
  readonly fleets: Loaded<KnownFleets>;
  /** Launches a file as it is on disk and goes to its run; nothing while a launch is under way. */
  readonly launch: (fleet: KnownFleet) => Promise<void>;
  /** Path of the one being launched. */
  readonly launching: string | undefined;
  readonly forget: (fleet: KnownFleet) => Promise<void>;
}

/** A run that ends is seen in the list after at most this long. */
const LOOK_AGAIN_MS = 5_000;

/** The known fleets and what can be done with them. */
export function useFleets(): FleetsPage {
  const [, navigate] = useLocation();
  const [letThrough] = useState(createOneAtATime);
  const [launchingPath, setLaunchingPath] = useState<string>();
  const { show, report } = useToasts();
  const fleets = useHostQuery<KnownFleets>({
    key: ['fleets', 'known', 'heard'],
    ask: async (host, signal) => ({ ...(await host.calls.fleets.known({}, { signal })), atMs: Date.now() }),
    everyMs: LOOK_AGAIN_MS,
  });
  const launch = useHostCommand((host, path: string, how) => host.calls.fleets.launch({ path, overrides: {} }, how), {
    changes: ['fleets', 'runs', 'history'],
    onError: (error) => report(error, 'The fleet was not launched'),
  });
  const forget = useHostCommand((host, path: string, how) => host.calls.fleets.forget({ path }, how), {
    changes: ['fleets'],
    onError: (error) => report(error, 'The fleet is still on the list'),
  });
  const add = useHostCommand((host, path: string, how) => host.calls.fleets.add({ path }, how), {
    changes: ['fleets'],
    onError: (error) => report(error, 'The fleet is still off the list'),
  });
  return {
    fleets,
    launching: launch.isRunning ? launchingPath : undefined,
    launch: ({ path }) =>
      letThrough(async () => {
        setLaunchingPath(path);
        const launched = await launch.run(path);
        if (launched) navigate(pathTo.run(launched.runId));
      }),
    forget: async ({ path, name }) => {
      if (!(await forget.run(path))) return;
      const action = { label: 'Put it back', run: () => void add.run(path) };
      show({ title: `${name} is off the list`, text: 'The file itself stays where it is.', action });
    },
  };
}

/** How many agents an example would start; `undefined` until that is known. */
export function useFleetSize(path: string): number | undefined {
  const checked = useHostQuery({
    key: ['fleets', 'size', path],
    ask: (host, signal) => host.calls.fleets.validate({ path, overrides: {} }, { signal }),
  });
  return valueOf(checked)?.preview?.agents;
}
