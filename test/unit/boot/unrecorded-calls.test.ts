import { expect, test } from 'vitest';
import { completeSessions } from '../../../main/boot/unrecorded-calls.ts';
import type { RecordedSession } from '../../../runtime/agent/recorded-session.ts';
import { requested } from '../../support/scripted-provider.ts';

const RUN = { runId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', atMs: 7 };
const asked = ['a', 'b', 'c'].map((id) => requested('shell', {}, id));

/** Two turns done; of the second one's three calls the first has its result, the others stand nowhere. */
const session: RecordedSession = {
  agent: 4,
  state: 'interrupted',
  answer: '',
  turns: 2,
  toolCalls: 3,
  lastCall: 5,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  elapsedMs: 0,
  messages: [
    { role: 'assistant', text: '', toolCalls: asked },
    { role: 'tool', providerCallId: 'a', tool: 'shell', text: 'done', failed: false },
  ],
  unknownCalls: [],
};

async function complete(calls: readonly number[]) {
  const recorded = async function* () {
    yield session;
  };
  const unrecorded = calls.map((call) => ({ agent: session.agent, call }));
  const { sessions, events } = completeSessions(recorded(), unrecorded, RUN);
  const read: RecordedSession[] = [];
  for await (const one of sessions) read.push(one);
  return { sessions: read, events };
}

test('calls that only the ledger has get a record, keep their numbers, and count as in flight', async () => {
  const { sessions, events } = await complete([6, 7]);
  expect(events).toEqual(
    [6, 7].map((call) => ({ type: 'toolCall.started', ...RUN, agent: 4, turn: 2, call, ...asked[call - 5] })),
  );
  expect(sessions).toMatchObject([{ toolCalls: 3, lastCall: 7 }]);
  expect(sessions[0]?.unknownCalls.map(({ call, providerCallId }) => [call, providerCallId])).toEqual([
    [6, 'b'],
    [7, 'c'],
  ]);
});

test('a call of which one of the turn may have been the beginning is not taken for one that never began', async () => {
  const { sessions } = await complete([7]);
  expect(sessions[0]?.unknownCalls.map(({ providerCallId }) => providerCallId)).toEqual(['b', 'c']);
});

test('a call of a turn that was not recorded either is recorded without its name', async () => {
  const { sessions, events } = await complete([9]);
  expect(events).toMatchObject([{ turn: 3, call: 9, tool: 'unknown' }]);
  expect(sessions).toMatchObject([{ lastCall: 9 }]);
});

test('a session that the ledger knows no more of stays as it is', async () => {
  expect(await complete([])).toEqual({ sessions: [session], events: [] });
});
