import { AppError } from '../../shared/errors/app-error.ts';
import type { EventSink } from '../../shared/events/event-sink.ts';
import type { AgentChanged } from '../../shared/events/runtime-event.ts';
import type { StopReason } from '../../shared/model/conversation.ts';
import type { AgentIndex, RunId } from '../../shared/model/ids.ts';
import { isFinalAgentState, type AgentState } from '../../shared/model/states.ts';
import type { Clock } from '../time/clock.ts';

/** States an agent may go to while it works; every state may also go to any final one. */
const NEXT: Readonly<Record<AgentState, readonly AgentState[]>> = {
  queued: ['asking', 'running tools', 'paused'],
  asking: ['running tools', 'retrying', 'paused', 'asking'],
  'running tools': ['asking', 'waiting for approval', 'paused'],
  'waiting for approval': ['running tools', 'paused'],
  retrying: ['asking', 'paused'],
  paused: ['queued', 'asking', 'running tools'],
  done: [],
  'limit reached': ['queued'],
  failed: ['queued'],
  stopped: ['queued'],
  interrupted: ['queued'],
};

/** What goes along with a transition. */
type TransitionDetail = Pick<AgentChanged, 'reason' | 'untilMs' | 'stop' | 'answer'>;

/** An agent's state: each change is checked against the table and leaves as an `agent.changed` event. */
export interface AgentStateMachine {
  readonly current: AgentState;
  /** @throws {AppError} INTERNAL for a change the table does not have. */
  enter(state: AgentState, detail?: TransitionDetail): void;
}

/** Whether an agent may go from one state to the other. */
export function canEnter(from: AgentState, to: AgentState): boolean {
  return (isFinalAgentState(to) && !isFinalAgentState(from)) || NEXT[from].includes(to);
}

/** The state machine of one agent; it starts `queued` unless it is resumed from another state. */
export function createAgentState(
  subject: { readonly runId: RunId; readonly agent: AgentIndex; readonly from?: AgentState },
  ports: { readonly sink: EventSink; readonly clock: Clock },
): AgentStateMachine {
  let current: AgentState = subject.from ?? 'queued';
  return {
    get current() {
      return current;
    },
    enter(state, detail) {
      if (state === current && detail === undefined) return;
      if (state !== current && !canEnter(current, state)) {
        throw new AppError('INTERNAL', `Agent ${subject.agent} cannot go from "${current}" to "${state}".`);
      }
      current = state;
      ports.sink.emit({
        type: 'agent.changed',
        runId: subject.runId,
        atMs: ports.clock.nowMs(),
        agent: subject.agent,
        state,
        ...detail,
      });
    },
  };
}

/** The state an agent ends in, by why it ended. */
export function finalStateOf(stop: StopReason): AgentState {
  const states = { answered: 'done', limit: 'limit reached', failed: 'failed', stopped: 'stopped' } as const;
  return states[stop.kind];
}
