import { useLocation } from 'wouter';
import { useConnection } from '../rpc/host-context.tsx';
import { useIsAway } from '../ui/use-away.ts';
import { useHostCommand } from '../rpc/queries.ts';
import type { Action } from '../ui/actions/action.ts';
import { useActions } from '../ui/actions/use-actions.ts';
import { toCounted } from '../ui/format.ts';
import { type Question, useConfirm } from '../ui/overlays/use-confirm.ts';
import { useToasts } from '../ui/toasts/use-toasts.ts';
import { pathTo } from './path-to.ts';
import type { Theme } from './theme/theme.ts';
import { useTheme } from './theme/use-theme.ts';

/** What the frame itself opens. */
export interface FrameDoors {
  readonly openPalette: () => void;
  readonly openKeys: () => void;
}

/** Offers what can be done from everywhere: pages, all live runs at once, the theme, the palette and the keys. */
export function useProgramActions(doors: FrameDoors, liveRuns: number): void {
  useActions([
    ...usePlaceActions(),
    ...useFleetWideActions(liveRuns),
    ...useThemeActions(),
    ...useConnectionActions(),
    {
      id: 'window.palette',
      title: 'Find an action',
      group: 'Window',
      keys: 'mod+k',
      isKeyOnly: true,
      worksWhileTyping: true,
      run: doors.openPalette,
    },
    {
      id: 'window.keys',
      title: 'Show all keys',
      group: 'Window',
      keys: '?',
      words: ['shortcuts', 'help'],
      run: doors.openKeys,
    },
  ]);
}

function usePlaceActions(): Action[] {
  const [, navigate] = useLocation();
  const go = (title: string, path: string, keys?: string): Action => ({
    id: `go ${path}`,
    title,
    group: 'Go to',
    keys,
    words: ['go', 'open', 'page'],
    run: () => navigate(path),
  });
  return [
    go('Fleets', pathTo.fleets, 'g f'),
    go('Runs', pathTo.runs, 'g r'),
    go('Search tool output', pathTo.search(''), '/'),
    go('Settings', pathTo.settings, 'g s'),
    go('New fleet', pathTo.newFleet, 'g n'),
  ];
}

function useFleetWideActions(liveRuns: number): Action[] {
  const { report, show } = useToasts();
  const confirm = useConfirm();
  const [, navigate] = useLocation();
  const changes = ['runs'];
  const pause = useHostCommand((host, _nothing: void, how) => host.calls.runs.pauseAll({}, how), {
    changes,
    onError: (error) => report(error, 'The runs were not paused'),
  });
  const resume = useHostCommand((host, _nothing: void, how) => host.calls.runs.resumeAll({}, how), {
    changes,
    onError: (error) => report(error, 'The runs were not resumed'),
  });
  const stop = useHostCommand((host, _nothing: void, how) => host.calls.runs.stopAll({}, how), {
    changes,
    onError: (error) => report(error, 'The runs were not stopped'),
  });
  const isAway = useIsAway();
  if (liveRuns === 0 || isAway) return [];
  const seeRuns = { label: 'See runs', run: () => navigate(pathTo.runs) };
  const carryOut = async (command: typeof pause, done: string, question?: Question): Promise<void> => {
    if (question && !(await confirm(question))) return;
    const answer = await command.run(undefined);
    if (answer) show({ tone: 'ok', title: `${toCounted(answer.runs.length, 'run')} ${done}`, action: seeRuns });
  };
  const all = { group: 'All live runs', words: ['all', 'runs', 'everything'] };
  return [
    {
      ...all,
      id: 'all.pause',
      title: 'Pause all runs',
      run: () => void carryOut(pause, 'paused', pauseQuestion(liveRuns)),
    },
    { ...all, id: 'all.resume', title: 'Resume all paused runs', run: () => void carryOut(resume, 'resumed') },
    {
      ...all,
      id: 'all.stop',
      title: 'Stop all runs …',
      tone: 'danger',
      run: () => void carryOut(stop, 'stopped', stopQuestion(liveRuns)),
    },
  ];
}

function pauseQuestion(liveRuns: number): Question {
  return {
    title: `Pause ${toCounted(liveRuns, 'run')}?`,
    consequence: 'Each agent ends the turn it is in and then waits. Nothing is lost; resume goes on from there.',
    confirmLabel: 'Pause all',
    tone: 'primary',
  };
}

function stopQuestion(liveRuns: number): Question {
  return {
    title: `Stop ${toCounted(liveRuns, 'run')}?`,
    consequence:
      'Every agent that is at work ends, and the programs it started end with it. What they did so far stays in history; a stopped run can be resumed from there.',
    confirmLabel: 'Stop all',
  };
}

const THEMES: readonly { readonly theme: Theme; readonly title: string }[] = [
  { theme: 'dark', title: 'Theme: dark' },
  { theme: 'light', title: 'Theme: light' },
  { theme: 'system', title: 'Theme: as the system has it' },
];

function useThemeActions(): Action[] {
  const { theme: current, choose } = useTheme();
  return THEMES.filter(({ theme }) => theme !== current).map(({ theme, title }) => ({
    id: `theme ${theme}`,
    title,
    group: 'Window',
    words: ['theme', 'appearance', 'colours'],
    run: () => choose(theme),
  }));
}

function useConnectionActions(): Action[] {
  const connection = useConnection();
  if (!useIsAway()) return [];
  return [{ id: 'window.connect', title: 'Connect again now', group: 'Window', run: () => connection.retry() }];
}
