import { expect, test } from 'vitest';
import { canEnter, createAgentState } from '../../../runtime/agent/agent-state.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { AGENT_STATES, isFinalAgentState } from '../../../shared/model/states.ts';
import { recordingSink } from '../../support/recording-sink.ts';

test('every state that is not final may end, and a final one may only be queued again', () => {
  for (const from of AGENT_STATES) {
    for (const to of AGENT_STATES) {
      if (isFinalAgentState(from))
        expect(canEnter(from, to), `${from} → ${to}`).toBe(from !== 'done' && to === 'queued');
      else if (isFinalAgentState(to)) expect(canEnter(from, to), `${from} → ${to}`).toBe(true);
    }
  }
});

test('each transition leaves as one event, and an impossible one is refused', () => {
  const sink = recordingSink();
  const state = createAgentState({ runId: 'R', agent: 3 }, { sink, clock: systemClock });
  state.enter('asking');
  state.enter('asking');
  state.enter('retrying', { reason: '429', untilMs: 5 });
  state.enter('asking');
  state.enter('done', { stop: { kind: 'answered' }, answer: 'yes' });
  expect(sink.of('agent.changed').map((event) => event.state)).toEqual(['asking', 'retrying', 'asking', 'done']);
  expect(() => state.enter('asking')).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});
