import type { Fleets, LiveRun } from '../../../runtime/fleet/fleets.ts';
import type { SettingChange } from '../../../shared/contract/settings.ts';
import type { AgentKind } from '../../../shared/model/states.ts';
import { toNames } from '../../../shared/settings/setting-value.ts';
import type { SettingsValues } from '../../../shared/settings/settings.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Log } from '../log.ts';
import type { TellRuns } from './run-notices.ts';

/** The switch of each kind of agents that a fleet can have. */
const KIND_SWITCHES = {
  'agents.modelEnabled': 'model',
  'agents.commandEnabled': 'command',
} as const satisfies Partial<Record<keyof SettingsValues, AgentKind>>;

/** What switches act on, and who hears of them. */
export interface SwitchesParts {
  readonly fleets: Pick<Fleets, 'switchOff'>;
  readonly tell: TellRuns;
  readonly log: Pick<Log, 'info'>;
}

/** Carries the switches of kinds of agents to the fleets, and tells runs and the log of every switch; until it is disposed of. */
export function carrySwitches(settings: Settings, { fleets, tell, log }: SwitchesParts): Disposable {
  const owned = new DisposableStack();
  fleets.switchOff(toKindsOff(settings.values()));
  owned.use(
    settings.onChange((values, changed) => {
      if (changed.some((key) => key in KIND_SWITCHES)) fleets.switchOff(toKindsOff(values));
    }),
  );
  // Not before all modules have accepted the change.
  const onRecorded = (change: SettingChange): void => {
    for (const { text, isOff, concerns } of toSentences(change)) {
      log.info({ setting: change.key, by: change.by }, text);
      tell(isOff ? 'warning' : 'info', text, concerns);
    }
  };
  owned.use(settings.onRecorded(onRecorded));
  return owned;
}

function toKindsOff(values: SettingsValues): ReadonlySet<AgentKind> {
  const switches = Object.entries(KIND_SWITCHES) as [keyof typeof KIND_SWITCHES, AgentKind][];
  return new Set(switches.flatMap(([key, kind]) => (values[key] ? [] : [kind])));
}

/** What a change of a switch means for a run, and for which. */
interface SwitchSentence {
  readonly text: string;
  readonly isOff: boolean;
  readonly concerns: (run: LiveRun) => boolean;
}

function toSentences({ key, from, to, by }: SettingChange): SwitchSentence[] {
  if (key in KIND_SWITCHES) return [toKindSentence(KIND_SWITCHES[key as keyof typeof KIND_SWITCHES], to === true, by)];
  if (key !== 'tools.off') return [];
  const before = toNames(String(from));
  const after = toNames(String(to));
  return [
    ...after.filter((tool) => !before.includes(tool)).map((tool) => toToolSentence(tool, false, by)),
    ...before.filter((tool) => !after.includes(tool)).map((tool) => toToolSentence(tool, true, by)),
  ];
}

function toKindSentence(kind: AgentKind, isOn: boolean, by: string): SwitchSentence {
  const what = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} agents were switched`;
  const text = isOn
    ? `${what} on again by ${by} and go on.`
    : `${what} off by ${by}: none starts or goes on to its next turn until they are switched on again.`;
  return { text, isOff: !isOn, concerns: ({ plan }) => plan.agents.some((agent) => agent.kind === kind) };
}

function toToolSentence(tool: string, isOn: boolean, by: string): SwitchSentence {
  const what = `The tool ${tool} was switched`;
  const text = isOn
    ? `${what} on again by ${by}.`
    : `${what} off by ${by}: calls of it are denied until it is switched on again.`;
  const concerns = ({ plan }: LiveRun): boolean =>
    plan.agents.some((agent) => agent.kind === 'model' && agent.tools.includes(tool));
  return { text, isOff: !isOn, concerns };
}
