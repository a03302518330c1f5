import { useLocation } from 'wouter';
import { pathTo } from '../../../app/path-to.ts';
import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import { useActions } from '../../../ui/actions/use-actions.ts';
import type { Action } from '../../../ui/actions/action.ts';
import { Button } from '../../../ui/button.tsx';
import { CommandButton } from '../../../ui/command-button.tsx';
import { useIsAway } from '../../../ui/use-away.ts';
import { findSpentBudget, toPossible } from './run-model.ts';
import { type AgentsStream, useHasAgentLeft } from '../agents/use-agents.ts';
import type { RunCommands } from './use-run.ts';

interface RunActionsProps {
  readonly view: RunView;
  readonly commands: RunCommands;
  readonly agents: AgentsStream;
}

/** Only goes elsewhere; everything else tells the host something. */
const OPEN_FLEET = 'run.fleet';

/** What can be done with the run, as buttons, in the palette and by key. */
export function RunActions({ view, commands, agents }: RunActionsProps) {
  const [, navigate] = useLocation();
  const { run, fleetPath, isLive } = view;
  const { canPause, canResume, canStop, canContinue, canRetryFailed } = toPossible(
    run,
    isLive,
    useHasAgentLeft(agents, run.agents),
  );
  const isAway = useIsAway();
  const openFleet = (): void => navigate(pathTo.fleetOfRun(run.runId));
  const offered: readonly (Omit<Action, 'group'> & { readonly label: string; readonly isPossible: boolean })[] = [
    {
      id: 'run.pause',
      label: 'Pause',
      title: 'Pause the run',
      keys: 'p',
      isPossible: canPause,
      run: () => void commands.pause(run.runId),
    },
    {
      id: 'run.resume',
      label: 'Resume',
      title: 'Resume the run',
      keys: 'p',
      // With a spent budget it would pause again at once: the banner offers the way out.
      isPossible: canResume && findSpentBudget(view) === undefined,
      run: () => void commands.resume(run.runId),
    },
    {
      id: 'run.continue',
      label: 'Resume',
      title: 'Resume the run',
      isPossible: canContinue,
      run: () => void commands.launch(run.runId),
    },
    {
      id: 'run.retry',
      label: 'Run failed again',
      title: 'Run its failed agents again',
      isPossible: canRetryFailed,
      run: () => void commands.launch(run.runId, 'failed'),
    },
    {
      id: OPEN_FLEET,
      label: 'Open fleet',
      title: "Open the run's fleet",
      isPossible: fleetPath !== '',
      run: openFleet,
    },
    {
      id: 'run.stop',
      label: 'Stop…',
      title: 'Stop the run',
      tone: 'danger',
      isPossible: canStop,
      run: () => void commands.stop(run.runId, run.fleet),
    },
  ];
  const possible = offered.filter(({ isPossible }) => isPossible);
  useActions(
    possible
      .filter(({ id }) => id === OPEN_FLEET || !isAway)
      .map(({ label: _label, isPossible: _isPossible, ...action }) => ({ ...action, group: 'This run' })),
  );
  return possible.map(({ id, label, tone, run: act }) => {
    const Press = id === OPEN_FLEET ? Button : CommandButton;
    return (
      <Press key={id} tone={tone} isBusy={commands.isBusy} onClick={act}>
        {label}
      </Press>
    );
  });
}
