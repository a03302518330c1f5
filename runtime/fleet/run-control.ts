import type { RunControl } from '../agent/agent-context.ts';
import type { RunHold } from './run-hold.ts';
import { countUsage, type AgentTally } from './run-tally.ts';

/** What an agent's control is made from. */
export interface RunControlParts {
  readonly hold: RunHold;
  /** The agent's own and the run's: both count. */
  readonly tallies: readonly AgentTally[];
  /** Called after each turn that used something. */
  readonly onSpent: () => void;
}

/** The run as one of its agents sees it. */
export function createRunControl({ hold, tallies, onSpent }: RunControlParts): RunControl {
  return {
    stopping: hold.signal,
    checkpoint: (onPause) => hold.pass(onPause),
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
