import { isFinalAgentState } from '../../../shared/model/states.ts';
import type { AgentTable } from '../agent-table.ts';
import { tallyOf } from './agent-end.ts';
import type { RunStart } from './run-start.ts';
import { addTally, countEndState, type RunTally } from './run-tally.ts';

/** Takes in what a run that is resumed had done before. */
export function addEarlierLives({ agents, recorded }: RunStart, tally: RunTally, table: AgentTable): void {
  const toRun = new Set(agents.map(({ index }) => index));
  for (const session of recorded.values()) {
    const runs = toRun.has(session.agent);
    addTally(tally, tallyOf(session));
    table.restore(session, runs);
    if (isFinalAgentState(session.state) && !runs) countEndState(tally, session.state);
  }
}
