import type { FleetPreview } from '../../../../shared/contract/fleets.ts';
import { toCount, toCounted, toTokenWords, toUsd } from '../../../ui/format.ts';

/** The expected cost in words, and how it was reckoned. */
export function toCostWords({ cost }: FleetPreview): { readonly figure: string; readonly how: string } {
  if (cost.isFree) return { figure: 'free', how: 'Every model is simulated or runs on this machine.' };
  if (cost.unknownBy === 'program')
    return { figure: 'unknown', how: 'What the programs among its agents spend cannot be known here.' };
  if (cost.upToUsd === undefined)
    return { figure: 'unknown', how: 'The price of a model is not known; give it under `providers` as `price`.' };
  return {
    figure: `up to ${toUsd(cost.upToUsd)}`,
    how: 'An upper bound: every agent takes all its turns. Mostly it is far less.',
  };
}

/** What stops the run before it costs more. */
export function toBudgetWords({ budget }: FleetPreview): string {
  const parts = [
    ...(budget.usd === undefined ? [] : [toUsd(budget.usd)]),
    ...(budget.tokens === undefined ? [] : [toTokenWords(budget.tokens)]),
  ];
  return parts.length === 0 ? 'none' : `pauses at ${parts.join(' or ')}`;
}

/** `72 agents, 12 at a time`. */
export function toSizeWords({ agents, concurrentAgents }: FleetPreview): string {
  const all = toCounted(agents, 'agent');
  return agents > concurrentAgents ? `${all}, ${toCount(concurrentAgents)} at a time` : all;
}

/** What is known of a text when somebody wants to launch it. */
export interface LaunchState {
  readonly isConnected: boolean;
  /** The newest check has answered for the text as it stands. */
  readonly isChecked: boolean;
  readonly problems: number;
  readonly preview: FleetPreview | undefined;
}

/** Why the fleet cannot be launched now; `undefined` when it can. */
export function findLaunchObstacle({ isConnected, isChecked, problems, preview }: LaunchState): string | undefined {
  if (!isConnected) return 'Flotilla is out of reach; the page connects again by itself.';
  if (problems > 0)
    return problems === 1 ? 'Mend the mistake first.' : `Mend the ${toCounted(problems, 'mistake')} first.`;
  if (!isChecked || !preview) return 'The text is being checked …';
  const missing = preview.providers.find(({ ready }) => !ready);
  return missing && `The provider ${missing.name} is not ready.`;
}
