import { describe, expect, test } from 'vitest';
import type { AgentCaches } from '../../../runtime/agent/agent-context.ts';
import { runModelAgent } from '../../../runtime/agent/model-agent.ts';
import type { NamedCaches } from '../../../runtime/cache/named/named-caches.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { FleetPlan, ModelAgentPlan } from '../../../shared/fleet/fleet-schema.ts';
import { agentContext, modelAgent, scriptedTools } from '../../support/agent-context.ts';
import { settleMicrotasks } from '../../support/manual-clock.ts';
import { reply, requested, scriptedProvider, type Step } from '../../support/scripted-provider.ts';
import { cachesValues, testCaches } from '../../support/test-caches.ts';

const toCaches = (caches: NamedCaches, scope = 'a'): AgentCaches => ({
  answers: { cache: caches.modelAnswers, scope },
  contexts: caches.sessionContexts,
});

/** One life of an agent at temperature 0, with answers kept in `caches`. */
async function live(
  steps: readonly Step[],
  caches: AgentCaches,
  agent: Partial<ModelAgentPlan> = {},
  plan: Partial<FleetPlan> = {},
) {
  const provider = scriptedProvider(steps);
  const tools = scriptedTools({ read_file: () => 'content' });
  await using run = agentContext({ provider, tools });
  const context = { ...run.context, caches, plan: { ...run.context.plan, providers: {}, ...plan } };
  const end = await runModelAgent(modelAgent({ temperature: 0, ...agent }), context);
  const turns = run.sink.events.flatMap((event) => (event.type === 'turn.finished' ? [event] : []));
  return { end, asked: provider.requests.length, turns, tally: run.tally };
}

const TWO_TURNS: readonly Step[] = [
  { text: 'Let me see.', toolCalls: [requested('read_file', { path: 'a' })] },
  { text: 'Read.' },
];

describe('the same request', () => {
  test('is answered from the cache, marked, without use and without cost', async () => {
    const caches = toCaches(testCaches());
    const first = await live(TWO_TURNS, caches);
    const second = await live([], caches);
    expect([first.asked, second.asked]).toEqual([2, 0]);
    expect(second.end).toEqual(first.end);
    expect(second.turns).toMatchObject([
      {
        turn: 1,
        state: 'done',
        cached: true,
        costUsd: 0,
        usage: { inputTokens: 0, outputTokens: 0 },
        text: 'Let me see.',
      },
      { turn: 2, state: 'done', cached: true, costUsd: 0, text: 'Read.' },
    ]);
    expect(second.tally).toMatchObject({
      turns: 2,
      toolCalls: 1,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      unpricedTurns: 0,
    });
    expect(first.turns.some(({ cached }) => cached)).toBe(false);
  });

  test.each<[string, Partial<ModelAgentPlan>, Partial<FleetPlan>, string?]>([
    ['at another temperature', { temperature: 0.1 }, {}],
    ['without a temperature', { temperature: undefined }, {}],
    ['to another model', { model: 'test-2' }, {}],
    ['with other instructions', { system: 'Be brief.' }, {}],
    ['with another prompt', { prompt: 'Survey!' }, {}],
    ['with other tools', { tools: ['read_file'] }, {}],
    ['with another length of answer', { maxOutputTokens: 5 }, {}],
    ['to another address', {}, { providers: { scripted: { baseUrl: 'http://x' } as never } }],
    ['of another fleet', {}, {}, 'b'],
  ])('%s is another', async (_, agent, plan, scope = 'a') => {
    const caches = testCaches();
    await live([{ text: 'One.' }], toCaches(caches));
    expect(await live([{ text: 'Two.' }], toCaches(caches, scope), agent, plan)).toMatchObject({
      asked: 1,
      end: { answer: 'Two.' },
    });
  });

  test('is asked when the fleet did not say so, and when the cache is off', async () => {
    const caches = testCaches();
    await live([{ text: 'One.' }], toCaches(caches));
    const without = await live([{ text: 'Two.' }], { contexts: caches.sessionContexts });
    await caches.reconfigure(cachesValues({ modelAnswers: { isEnabled: false } }));
    const off = await live([{ text: 'Three.' }], toCaches(caches));
    expect([without.end.answer, off.end.answer]).toEqual(['Two.', 'Three.']);
  });

  test('is asked again after a failure and after a refusal, which are not kept', async () => {
    const caches = toCaches(testCaches());
    const failed = await live([new AppError('PROVIDER_AUTH_REFUSED', 'No.')], caches);
    const refused = await live([{ text: '', finish: 'refused' }], caches);
    expect([failed.end.stop.kind, refused.end.stop.kind]).toEqual(['failed', 'failed']);
    expect((await live([{ text: 'Now.' }], caches)).end.answer).toBe('Now.');
  });
});

describe('the same request at the same time', () => {
  test('is asked once; the others are answered with it', async () => {
    const caches = testCaches();
    const held = Promise.withResolvers<void>();
    const step: Step = async () => {
      await held.promise;
      return reply({ text: 'One.' });
    };
    const lives = [live([step], toCaches(caches)), live([], toCaches(caches)), live([], toCaches(caches))];
    await expect.poll(() => caches.modelAnswers.figures().loads.joined).toBe(2);
    held.resolve();
    const ended = await Promise.all(lives);
    expect(ended.map(({ asked, end }) => [asked, end.answer])).toEqual([
      [1, 'One.'],
      [0, 'One.'],
      [0, 'One.'],
    ]);
    expect(caches.modelAnswers.figures()).toMatchObject({ hits: 2, misses: 1, loads: { joined: 2 } });
  });

  test('is asked by who waited when the one it waited for fails', async () => {
    const caches = toCaches(testCaches());
    const held = Promise.withResolvers<never>();
    held.promise.catch(() => undefined);
    const first = live([() => held.promise], caches);
    await settleMicrotasks();
    const second = live([{ text: 'Two.' }], caches);
    await settleMicrotasks();
    held.reject(new AppError('PROVIDER_AUTH_REFUSED', 'No.'));
    expect((await first).end.stop.kind).toBe('failed');
    expect(await second).toMatchObject({ asked: 1, end: { answer: 'Two.' } });
  });
});
