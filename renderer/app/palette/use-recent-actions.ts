import { useLocation } from 'wouter';
import { useIsAway } from '../../ui/use-away.ts';
import { valueOf } from '../../rpc/loaded.ts';
import { useHostCommand, useHostQuery } from '../../rpc/queries.ts';
import type { Action } from '../../ui/actions/action.ts';
import { useActions } from '../../ui/actions/use-actions.ts';
import { toDateTime } from '../../ui/format.ts';
import { useToasts } from '../../ui/toasts/use-toasts.ts';
import { pathTo } from '../path-to.ts';
import { useKnownFleets } from '../use-known-fleets.ts';

/** Runs the palette offers by name; older ones are on the page of runs. */
const RECENT_RUNS = 30;

/** Offers, while the palette is open: recent runs, known fleets, and launching an example. */
export function useRecentActions(): void {
  useActions([...useExampleActions(), ...useRunActions(), ...useFleetActions()]);
}

function useRunActions(): Action[] {
  const [, navigate] = useLocation();
  const recent = useHostQuery({
    key: ['runs', 'recent', RECENT_RUNS],
    ask: (host, signal) => host.calls.history.runs({ limit: RECENT_RUNS }, { signal }),
  });
  return (valueOf(recent)?.runs ?? []).map(({ runId, fleet, state, startedAtMs }) => ({
    id: `run ${runId}`,
    title: `Open run ${fleet}`,
    group: 'Recent runs',
    hint: `${state} · ${toDateTime(startedAtMs)}`,
    words: [runId, state],
    run: () => navigate(pathTo.run(runId)),
  }));
}

function useFleetActions(): Action[] {
  const [, navigate] = useLocation();
  return (valueOf(useKnownFleets()) ?? []).map(({ path, name, exists, lastRun }) => ({
    id: `fleet ${path}`,
    title: `Open fleet ${name}`,
    group: 'Fleets',
    hint: path.split(/[/\\]/u).at(-1),
    words: [path],
    run: () => navigate(exists || !lastRun ? pathTo.fleet(path) : pathTo.fleetOfRun(lastRun.runId)),
  }));
}

function useExampleActions(): Action[] {
  const [, navigate] = useLocation();
  const isAway = useIsAway();
  const { report } = useToasts();
  const launch = useHostCommand((host, path: string, how) => host.calls.fleets.launch({ path, overrides: {} }, how), {
    changes: ['runs', 'fleets'],
    onError: (error) => report(error, 'The example was not launched'),
  });
  const start = async (path: string): Promise<void> => {
    const launched = await launch.run(path);
    if (launched) navigate(pathTo.run(launched.runId));
  };
  const examples = (valueOf(useKnownFleets()) ?? []).filter(({ origin }) => origin === 'example');
  return (isAway ? [] : examples).map(({ path, name, description }) => ({
    id: `launch ${path}`,
    title: `Launch example ${name}`,
    group: 'Examples',
    hint: description,
    words: [path],
    run: () => void start(path),
  }));
}
