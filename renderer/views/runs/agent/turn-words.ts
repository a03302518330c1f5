import type { AgentState } from '../../../../shared/model/states.ts';
import { toCount } from '../../../ui/format.ts';

interface Turns {
  readonly state: AgentState;
  /** Turns that were answered. */
  readonly turns: number;
  /** The most there may be; absent where it is not known. */
  readonly of: number | undefined;
}

/** Which turn an agent is in, as its row says it too: a turn that is asked for counts; empty before the first. */
export function toTurnWords({ state, turns, of }: Turns): string {
  const turn = state === 'asking' || state === 'retrying' ? turns + 1 : turns;
  if (turn === 0) return '';
  return `turn ${toCount(turn)}${of === undefined ? '' : ` of ${toCount(of)}`}`;
}
