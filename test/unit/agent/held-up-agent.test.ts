import { expect, test } from 'vitest';
import { runModelAgent } from '../../../runtime/agent/model-agent.ts';
import { agentContext, modelAgent, scriptedTools } from '../../support/agent-context.ts';
import { advanceInSteps, manualClock } from '../../support/manual-clock.ts';
import { reply, requested, scriptedProvider } from '../../support/scripted-provider.ts';
import { session } from '../../support/test-fleets.ts';

test('the time a run is paused is not taken from the minutes of its agents', async () => {
  const clock = manualClock();
  const provider = scriptedProvider([{ toolCalls: [requested('read_file', {})] }, { text: 'In time.' }]);
  const tools = scriptedTools({ read_file: () => 'x' });
  await using run = agentContext({ provider, tools, clock, limits: { minutes: 5 } });
  run.hold.pause('Paused by the operator.');
  const running = runModelAgent(modelAgent(), run.context);
  await clock.advance(60 * 60_000);
  run.hold.resume();
  await clock.advance(1);
  expect(await running).toEqual({ stop: { kind: 'answered' }, answer: 'In time.' });
  expect(clock.pendingCount).toBe(0);
});

test('what an agent had used of its minutes before a pause still counts after it', async () => {
  const clock = manualClock();
  let asks = 0;
  const provider = {
    ...scriptedProvider([]),
    ask: async (_request: unknown, { signal }: { readonly signal: AbortSignal }) => {
      asks += 1;
      await clock.sleep(asks === 1 ? 3 * 60_000 : 60 * 60_000, signal);
      return reply({ toolCalls: [requested('read_file', {})] });
    },
  };
  const tools = scriptedTools({ read_file: () => 'x' });
  await using run = agentContext({ provider, tools, clock, limits: { minutes: 5 } });
  const running = runModelAgent(modelAgent(), run.context);
  await advanceInSteps(clock, 60_000, 10_000);
  run.hold.pause('Paused by the operator.');
  await advanceInSteps(clock, 30 * 60_000, 60_000);
  expect(asks).toBe(1);
  run.hold.resume();
  await advanceInSteps(clock, 3 * 60_000, 10_000);
  expect(asks).toBe(2);
  expect(await running).toMatchObject({ stop: { kind: 'limit', limit: 'minutes', at: 5 } });
});

const cutShort = session(0, {
  turns: 1,
  messages: [{ role: 'assistant', text: '', toolCalls: [requested('read_file', {})] }],
});

test('a resumed agent of a run that is stopping runs no tool', async () => {
  const tools = scriptedTools({ read_file: () => 'x' });
  await using run = agentContext({ provider: scriptedProvider([]), tools });
  run.hold.stop();
  expect(await runModelAgent(modelAgent(), run.context, cutShort)).toMatchObject({ stop: { kind: 'stopped' } });
  expect(tools.calls).toEqual([]);
});

test('a resumed agent of a run that is paused runs its tools when the run goes on', async () => {
  const tools = scriptedTools({ read_file: () => 'x' });
  const clock = manualClock();
  await using run = agentContext({ provider: scriptedProvider([{ text: 'end' }]), tools, clock });
  run.hold.pause('The budget is used up.');
  const running = runModelAgent(modelAgent(), run.context, cutShort);
  await clock.advance(10);
  expect(tools.calls).toEqual([]);
  run.hold.resume();
  expect(await running).toMatchObject({ stop: { kind: 'answered' } });
  expect(tools.calls).toHaveLength(1);
});
