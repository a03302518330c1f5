import type { RuntimeEvent } from '../../shared/events/runtime-event.ts';
import type { AgentIndex } from '../../shared/model/ids.ts';
import type { AgentActivity } from '../../shared/model/run-summary.ts';
import { type AgentState, isFinalAgentState } from '../../shared/model/states.ts';

/** Characters of a reason or of a call's arguments that are kept. */
const MAX_DETAIL_CHARS = 160;

/** What the agents of one run do now; holds one entry for each agent at work. */
export interface RunActivity {
  note(event: RuntimeEvent): void;
  /** The first `limit` agents at work, in the order in which they began. */
  list(limit: number, nameOf: (agent: AgentIndex) => string): AgentActivity[];
}

interface Doing {
  state: AgentState;
  sinceMs: number;
  detail: string | undefined;
}

/** An activity without agents. */
export function createRunActivity(): RunActivity {
  const atWork = new Map<AgentIndex, Doing>();
  return {
    note(event) {
      if (event.type === 'agent.changed') {
        const { agent, state, atMs: sinceMs, reason } = event;
        const doing = { state, sinceMs, detail: reason?.slice(0, MAX_DETAIL_CHARS) };
        if (isFinalAgentState(state) || state === 'queued') atWork.delete(agent);
        else atWork.set(agent, doing);
      } else if (event.type === 'toolCall.started') {
        const doing = atWork.get(event.agent);
        if (doing) doing.detail = `${event.tool} ${event.argumentsJson.slice(0, MAX_DETAIL_CHARS)}`;
      }
    },
    list(limit, nameOf) {
      const listed: AgentActivity[] = [];
      for (const [agent, { state, sinceMs, detail }] of atWork) {
        if (listed.length === limit) break;
        listed.push({ agent, name: nameOf(agent), state, sinceMs, ...(detail === undefined ? {} : { detail }) });
      }
      return listed;
    },
  };
}
