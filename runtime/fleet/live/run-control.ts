import type { AgentIndex } from '../../../shared/model/ids.ts';
import type { RunControl } from '../../agent/agent-context.ts';
import type { RunHold } from './run-hold.ts';
import { countUsage, type AgentTally } from './run-tally.ts';

/** What an agent's control is made from. */
export interface RunControlParts {
  readonly agent: AgentIndex;
  readonly hold: RunHold;
  /** Aborts when the agent or its run begins to stop. */
  readonly stopping: AbortSignal;
  /** The agent's own and the run's: both count. */
  readonly tallies: readonly AgentTally[];
  /** Called after each turn that used something. */
  readonly onSpent: () => void;
}

/** The run as one of its agents sees it. */
export function createRunControl({ agent, hold, stopping, tallies, onSpent }: RunControlParts): RunControl {
  return {
    stopping,
    checkpoint: (onPause) => hold.pass(agent, onPause),
    spend(usage, costUsd) {
      for (const tally of tallies) countUsage(tally, usage, costUsd);
      onSpent();
    },
    countTurn() {
      for (const tally of tallies) tally.turns += 1;
    },
    countRetry() {
      for (const tally of tallies) tally.retries += 1;
    },
    countToolCall(failed) {
      for (const tally of tallies) {
        tally.toolCalls += 1;
        if (failed) tally.toolCallsFailed += 1;
      }
    },
  };
}
