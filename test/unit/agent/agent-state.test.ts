import { expect, test } from 'vitest';
import { canEnter, createAgentState } from '../../../runtime/agent/agent-state.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { AGENT_STATES, isFinalAgentState } from '../../../shared/model/states.ts';
import { recordingSink } from '../../support/recording-sink.ts';

const FINAL = AGENT_STATES.filter(isFinalAgentState);
const OPEN = AGENT_STATES.filter((state) => !isFinalAgentState(state));

test('every state that is not final may end in any way', () => {
  const refused = OPEN.flatMap((from) => FINAL.filter((to) => !canEnter(from, to)));
  expect(refused).toEqual([]);
});

test('a final state may only be queued again, and one that is done not even that', () => {
  const allowed = FINAL.flatMap((from) =>
    AGENT_STATES.filter((to) => canEnter(from, to)).map((to) => `${from} → ${to}`),
  );
  expect(allowed).toEqual(['limit reached → queued', 'failed → queued', 'stopped → queued', 'interrupted → queued']);
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
