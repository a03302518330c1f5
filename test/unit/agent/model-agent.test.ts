import { expect, test } from 'vitest';
import { runModelAgent } from '../../../runtime/agent/model-agent.ts';
import type { RecordedSession } from '../../../runtime/agent/recorded-session.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { agentContext, modelAgent, scriptedTools } from '../../support/agent-context.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { reply, requested, scriptedProvider } from '../../support/scripted-provider.ts';

const overloaded = (text = ''): AppError =>
  new AppError('PROVIDER_OVERLOADED', 'The provider is overloaded.', { details: { text } });

test('an agent whose model answers at once is done with that answer', async () => {
  const provider = scriptedProvider([{ text: 'Forty-two.' }]);
  await using run = agentContext({ provider });
  expect(await runModelAgent(modelAgent(), run.context)).toEqual({ stop: { kind: 'answered' }, answer: 'Forty-two.' });
  expect(run.sink.of('agent.changed').map(({ state }) => state)).toEqual(['asking', 'done']);
  expect(run.sink.of('turn.finished')[0]).toMatchObject({
    turn: 1,
    attempt: 1,
    state: 'done',
    text: 'Forty-two.',
    costUsd: 0.005,
  });
});

test('the calls of one turn run at the same time and their results go back in the order asked for', async () => {
  const second = Promise.withResolvers<void>();
  const tools = scriptedTools({
    read_file: async ({ argumentsJson }) => {
      if (argumentsJson.includes('a.ts')) await second.promise;
      else second.resolve();
      return `content for ${argumentsJson}`;
    },
  });
  const calls = [
    requested('read_file', { path: 'a.ts' }, 'call_1'),
    requested('read_file', { path: 'b.ts' }, 'call_2'),
  ];
  const provider = scriptedProvider([{ toolCalls: calls }, { text: 'Both read.' }]);
  await using run = agentContext({ provider, tools });
  await runModelAgent(modelAgent(), run.context);
  expect(provider.requests[1]?.messages.slice(1)).toEqual([
    { role: 'assistant', text: '', toolCalls: calls },
    { role: 'tool', providerCallId: 'call_1', tool: 'read_file', text: 'content for {"path":"a.ts"}', failed: false },
    { role: 'tool', providerCallId: 'call_2', tool: 'read_file', text: 'content for {"path":"b.ts"}', failed: false },
  ]);
  expect(tools.calls.map(({ callId }) => callId)).toEqual(['0-1', '0-2']);
});

test('a tool that fails is something the model reads, not the end of the agent', async () => {
  const tools = scriptedTools({
    read_file: () => {
      throw new AppError('FILE_NOT_FOUND', 'There is no a.ts.');
    },
  });
  const provider = scriptedProvider([
    { toolCalls: [requested('read_file', { path: 'a.ts' })] },
    { text: 'It is missing.' },
  ]);
  await using run = agentContext({ provider, tools });
  expect(await runModelAgent(modelAgent(), run.context)).toMatchObject({
    stop: { kind: 'answered' },
    answer: 'It is missing.',
  });
  expect(provider.requests[1]?.messages.at(-1)).toMatchObject({
    role: 'tool',
    failed: true,
    text: 'There is no a.ts.',
  });
});

test('a stream that broke after output is asked again as a whole turn, and the broken one stays on record', async () => {
  const provider = scriptedProvider([overloaded('The answer is'), { text: 'The answer is 7.' }]);
  await using run = agentContext({ provider });
  expect(await runModelAgent(modelAgent(), run.context)).toMatchObject({ answer: 'The answer is 7.' });
  expect(
    run.sink.of('turn.finished').map(({ turn, attempt, state, text }) => ({ turn, attempt, state, text })),
  ).toEqual([
    { turn: 1, attempt: 1, state: 'broken', text: 'The answer is' },
    { turn: 1, attempt: 2, state: 'done', text: 'The answer is 7.' },
  ]);
  expect(run.sink.of('agent.changed').map(({ state }) => state)).toEqual(['asking', 'retrying', 'asking', 'done']);
  expect(run.tally).toMatchObject({ turns: 1, retries: 1 });
});

test('attempts are bounded, and the last failure is what the agent fails with', async () => {
  const provider = scriptedProvider([overloaded(), overloaded(), overloaded(), { text: 'too late' }]);
  await using run = agentContext({ provider, maxAttempts: 3 });
  expect(await runModelAgent(modelAgent(), run.context)).toMatchObject({
    stop: { kind: 'failed', code: 'PROVIDER_OVERLOADED' },
  });
  expect(provider.requests).toHaveLength(3);
});

test('a failure that cannot pass is not asked again', async () => {
  const provider = scriptedProvider([
    new AppError('PROVIDER_AUTH_REFUSED', 'The key was refused.'),
    { text: 'unreached' },
  ]);
  await using run = agentContext({ provider });
  expect(await runModelAgent(modelAgent(), run.context)).toMatchObject({
    stop: { kind: 'failed', code: 'PROVIDER_AUTH_REFUSED' },
  });
  expect(provider.requests).toHaveLength(1);
});

const reads = (count: number) => ({
  text: 'So far so good.',
  toolCalls: Array.from({ length: count }, (_, n) => requested('read_file', { path: `${n}.ts` }, `call_${n}`)),
});

test('the limit of turns ends the session with what it has', async () => {
  const provider = scriptedProvider([reads(1), reads(1), reads(1)]);
  await using run = agentContext({ provider, tools: scriptedTools({ read_file: () => 'x' }), limits: { turns: 2 } });
  expect(await runModelAgent(modelAgent(), run.context)).toEqual({
    stop: { kind: 'limit', limit: 'turns', at: 2 },
    answer: 'So far so good.',
  });
  expect(run.sink.of('agent.changed').at(-1)).toMatchObject({
    state: 'limit reached',
    stop: { kind: 'limit', limit: 'turns', at: 2 },
  });
});

test('the limit of tool calls lets those through that fit and no more', async () => {
  const tools = scriptedTools({ read_file: () => 'x' });
  await using run = agentContext({ provider: scriptedProvider([reads(2), reads(3)]), tools, limits: { toolCalls: 3 } });
  expect(await runModelAgent(modelAgent(), run.context)).toMatchObject({
    stop: { kind: 'limit', limit: 'tool calls', at: 3 },
  });
  expect(tools.calls).toHaveLength(3);
});

test('the limit of minutes ends a session in the middle of a request', async () => {
  const clock = manualClock();
  const asked = Promise.withResolvers<void>();
  const provider = scriptedProvider([
    (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        asked.resolve();
      }),
  ]);
  await using run = agentContext({ provider, clock, limits: { minutes: 5 } });
  const end = runModelAgent(modelAgent(), run.context);
  await asked.promise;
  await clock.advance(5 * 60_000);
  expect(await end).toMatchObject({ stop: { kind: 'limit', limit: 'minutes', at: 5 } });
  expect(run.sink.of('turn.finished')[0]).toMatchObject({ state: 'cancelled' });
});

test('an answer that was cut by its length is a limit, not an answer', async () => {
  await using run = agentContext({ provider: scriptedProvider([{ text: 'The first half', finish: 'output limit' }]) });
  expect(await runModelAgent(modelAgent({ maxOutputTokens: 3 }), run.context)).toEqual({
    stop: { kind: 'limit', limit: 'output tokens', at: 3 },
    answer: 'The first half',
  });
});

test('a context that outgrows the window is compacted; one that cannot be is a limit', async () => {
  // The window is judged by an estimate as long as the provider has not counted.
  const uncounted = { ...reads(1), usage: {} };
  const tools = scriptedTools({ read_file: () => 'y'.repeat(6_000) });
  const provider = scriptedProvider([uncounted, uncounted, { text: 'done' }], { contextTokens: 4_000 });
  await using run = agentContext({ provider, tools });
  expect(await runModelAgent(modelAgent(), run.context)).toMatchObject({ stop: { kind: 'answered' } });
  const shown = provider.requests[2]?.messages.filter((message) => message.role === 'tool').map(({ text }) => text);
  expect(shown).toEqual([expect.stringContaining('removed to stay inside the context window'), 'y'.repeat(6_000)]);

  const tooSmall = scriptedProvider([uncounted, { text: 'unreached' }], { contextTokens: 500 });
  await using small = agentContext({ provider: tooSmall, tools });
  expect(await runModelAgent(modelAgent(), small.context)).toMatchObject({
    stop: { kind: 'limit', limit: 'context', at: 500 },
  });
});

test('a paused run holds the agent before its next turn and lets it go on', async () => {
  const provider = scriptedProvider([reads(1), { text: 'Went on.' }]);
  const paused = Promise.withResolvers<void>();
  const tools = scriptedTools({
    read_file: () => {
      run.hold.pause('Paused by the operator.');
      queueMicrotask(() => paused.resolve());
      return 'x';
    },
  });
  await using run = agentContext({ provider, tools });
  const end = runModelAgent(modelAgent(), run.context);
  await paused.promise;
  while (run.hold.waiting === 0) await Promise.resolve();
  expect(provider.requests).toHaveLength(1);
  expect(run.sink.of('agent.changed').at(-1)).toMatchObject({ state: 'paused', reason: 'Paused by the operator.' });
  run.hold.resume();
  expect(await end).toMatchObject({ answer: 'Went on.' });
});

test('a run that is stopping ends the agent before its next turn, keeping its answer', async () => {
  const tools = scriptedTools({
    read_file: () => {
      run.hold.stop();
      return 'x';
    },
  });
  await using run = agentContext({ provider: scriptedProvider([reads(1), { text: 'unreached' }]), tools });
  expect(await runModelAgent(modelAgent(), run.context)).toEqual({
    stop: { kind: 'stopped', by: 'operator' },
    answer: 'So far so good.',
  });
});

test('a forced stop cancels what is in flight', async () => {
  const provider = scriptedProvider([
    (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        run.force.abort(new AppError('TASK_CANCELLED', 'The run was stopped.'));
      }),
  ]);
  await using run = agentContext({ provider });
  expect(await runModelAgent(modelAgent(), run.context)).toMatchObject({ stop: { kind: 'stopped', by: 'operator' } });
});

const recorded: RecordedSession = {
  agent: 0,
  state: 'interrupted',
  answer: '',
  turns: 1,
  toolCalls: 3,
  inputTokens: 10,
  outputTokens: 5,
  costUsd: 0,
  elapsedMs: 1_000,
  messages: [
    {
      role: 'assistant',
      text: '',
      toolCalls: [
        requested('read_file', { path: 'a' }, 'call_1'),
        requested('shell', { command: 'make' }, 'call_2'),
        requested('read_file', { path: 'b' }, 'call_3'),
        requested('shell', { command: 'ls' }, 'call_4'),
      ],
    },
    { role: 'tool', providerCallId: 'call_1', tool: 'read_file', text: 'content of a', failed: false },
  ],
  unknownCalls: [
    { call: 2, providerCallId: 'call_2', tool: 'shell', argumentsJson: '{"command":"make"}' },
    { call: 3, providerCallId: 'call_3', tool: 'read_file', argumentsJson: '{"path":"b"}' },
  ],
};

test('a resumed session repeats no completed call, repeats an unknown one only when its tool is repeatable, and runs what never began', async () => {
  const tools = scriptedTools({ read_file: () => 'content of b', shell: () => 'listing' }, ['read_file']);
  const provider = scriptedProvider([{ text: 'Resumed.' }]);
  await using run = agentContext({ provider, tools });
  expect(await runModelAgent(modelAgent(), run.context, recorded)).toMatchObject({ answer: 'Resumed.' });
  expect(tools.calls.map(({ callId, argumentsJson }) => [callId, argumentsJson])).toEqual([
    ['0-4', '{"path":"b"}'],
    ['0-5', '{"command":"ls"}'],
  ]);
  expect(
    provider.requests[0]?.messages.map((message) => (message.role === 'tool' ? message.text : message.role)),
  ).toEqual([
    'user',
    'assistant',
    'content of a',
    expect.stringContaining('outcome of this call is unknown'),
    'content of b',
    'listing',
  ]);
  expect(run.sink.of('turn.started')[0]).toMatchObject({ turn: 2 });
});

test('a turn whose usage the provider did not send has no price', async () => {
  await using run = agentContext({ provider: scriptedProvider([reply({ text: 'x', usage: undefined })]) });
  await runModelAgent(modelAgent(), run.context);
  expect(run.tally).toMatchObject({ unpricedTurns: 1, costUsd: 0 });
  expect(run.sink.of('turn.finished')[0]?.costUsd).toBeUndefined();
});
