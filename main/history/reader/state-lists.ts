import { AGENT_STATES, RUN_STATES, isFinalAgentState, isFinalRunState } from '../../../shared/model/states.ts';

const list = (states: readonly string[]): string => states.map((state) => `'${state}'`).join(', ');

/** States for an SQL `IN`, made from the model's own unions. */
export const FINAL_RUN_STATES_SQL = list(RUN_STATES.filter(isFinalRunState));
export const UNFINISHED_AGENT_STATES_SQL = list(AGENT_STATES.filter((state) => !isFinalAgentState(state)));
