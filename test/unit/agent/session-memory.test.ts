import { expect, test } from 'vitest';
import { runModelAgent } from '../../../runtime/agent/model-agent.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { agentContext, modelAgent, scriptedTools } from '../../support/agent-context.ts';
import { reply, requested, scriptedProvider } from '../../support/scripted-provider.ts';
import { heldSpillStore } from '../../support/spill-store.ts';
import { testCaches } from '../../support/test-caches.ts';

/** An agent that is paused after its first turn, while another context takes the only place in the cache. */
async function pausedAgent() {
  const store = heldSpillStore();
  const caches = testCaches({ sessionContexts: { maxEntries: 1 } }, { spillStore: store });
  const provider = scriptedProvider([
    { text: 'größer 🚀', toolCalls: [requested('read_file', { path: 'a' })] },
    (request) => reply({ text: `I have ${request.messages.length} messages.` }),
  ]);
  const tools = scriptedTools({
    read_file: () => {
      run.hold.pause('Paused by the operator.');
      return 'content of a';
    },
  });
  const run = agentContext({ provider, tools });
  const context = { ...run.context, caches: { contexts: caches.sessionContexts } };
  const running = runModelAgent(modelAgent(), context);
  await expect.poll(() => run.hold.waiting).toBe(1);
  caches.sessionContexts.open('another').hold({ messages: [], chars: 0 });
  await expect.poll(() => store.kept.size).toBe(1);
  return { store, caches, provider, run, running };
}

test('an agent whose context left memory while it was paused goes on with the same conversation', async () => {
  const { store, caches, provider, run, running } = await pausedAgent();
  await using _ = run;
  run.hold.resume();
  expect(await running).toEqual({ stop: { kind: 'answered' }, answer: 'I have 3 messages.' });
  expect(provider.requests[1]?.messages).toEqual([
    { role: 'user', text: 'Survey.' },
    { role: 'assistant', text: 'größer 🚀', toolCalls: [requested('read_file', { path: 'a' })] },
    { role: 'tool', providerCallId: 'call_read_file', tool: 'read_file', text: 'content of a', failed: false },
  ]);
  expect(caches.sessionContexts.figures()).toMatchObject({ spilled: 1, broughtBack: 1 });
  expect(store.kept.size).toBe(0);
});

test('an agent that is stopped while its context is away leaves nothing behind', async () => {
  const { store, run, running } = await pausedAgent();
  await using _ = run;
  run.hold.stop();
  expect(await running).toMatchObject({ stop: { kind: 'stopped' }, answer: 'größer 🚀' });
  expect(store.kept.size).toBe(0);
});

test('an agent whose context cannot be brought back fails with the reason', async () => {
  const { store, run, running } = await pausedAgent();
  await using _ = run;
  store.load = () => Promise.reject(new AppError('HISTORY_DAMAGED', 'The history is damaged.'));
  run.hold.resume();
  expect(await running).toMatchObject({ stop: { kind: 'failed', code: 'HISTORY_DAMAGED' } });
});
