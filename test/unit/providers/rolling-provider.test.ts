import { expect, test } from 'vitest';
import type { ModelReply, Provider } from '../../../runtime/providers/provider.ts';
import { createRollingProvider } from '../../../runtime/providers/rolling-provider.ts';
import { reply } from '../../support/scripted-provider.ts';

interface Edition extends Provider {
  readonly answers: PromiseWithResolvers<ModelReply>[];
  closed: boolean;
}

function edition(): Edition {
  const answers: PromiseWithResolvers<ModelReply>[] = [];
  const made: Edition = {
    name: 'local',
    contextTokens: 8_000,
    answers,
    closed: false,
    ask: () => {
      const answer = Promise.withResolvers<ModelReply>();
      answers.push(answer);
      return answer.promise;
    },
    stats: () => ({
      name: 'local',
      requests: answers.length,
      failures: 0,
      rateLimited: 0,
      openStreams: 0,
      connections: made.closed ? 0 : 1,
      connectionsOpened: 1,
      firstTokenP50Ms: undefined,
      firstTokenP99Ms: undefined,
    }),
    [Symbol.asyncDispose]: async () => void (made.closed = true),
  };
  return made;
}

const ask = (provider: Provider): Promise<ModelReply> =>
  provider.ask(
    { model: 'm', system: '', messages: [], tools: [] },
    { signal: new AbortController().signal, deadlineMs: 1_000 },
  );

test('a replaced edition ends what it began, while new requests go to the next', async () => {
  const [first, second] = [edition(), edition()];
  await using provider = createRollingProvider(() => first);
  const before = ask(provider);
  provider.replace(() => second);
  const after = ask(provider);
  expect([first.answers.length, second.answers.length, first.closed]).toEqual([1, 1, false]);
  first.answers[0]?.resolve(reply({ text: 'old' }));
  expect((await before).text).toBe('old');
  expect(first.closed).toBe(true);
  second.answers[0]?.resolve(reply({ text: 'new' }));
  expect((await after).text).toBe('new');
  expect(provider.stats()).toMatchObject({ requests: 2, connectionsOpened: 2, connections: 1 });
});

test('an edition nobody uses is closed at once', async () => {
  const [first, second] = [edition(), edition()];
  await using provider = createRollingProvider(() => first);
  provider.replace(() => second);
  expect([first.closed, second.closed]).toEqual([true, false]);
});

test('at most two editions drain; later changes are merged into the newest', async () => {
  const made: Edition[] = [];
  const open = (): Edition => {
    const one = edition();
    made.push(one);
    return one;
  };
  await using provider = createRollingProvider(open);
  const asked = [];
  for (let n = 0; n < 6; n++) {
    asked.push(ask(provider));
    provider.replace(open);
  }
  expect(made).toHaveLength(3);
  for (const one of made) for (const answer of one.answers) answer.resolve(reply({}));
  await Promise.all(asked);
  expect(made).toHaveLength(4);
  expect(made.map(({ closed }) => closed)).toEqual([true, true, true, false]);
});

test('closing waits for an edition that is closing, and one that cannot close breaks nothing', async () => {
  const [first, second, third] = [edition(), edition(), edition()];
  const slow = Promise.withResolvers<void>();
  const provider = createRollingProvider(() => ({ ...first, [Symbol.asyncDispose]: () => slow.promise }));
  provider.replace(() => ({ ...second, [Symbol.asyncDispose]: () => Promise.reject(new Error('reset')) }));
  provider.replace(() => third);
  let isClosed = false;
  const closing = provider[Symbol.asyncDispose]().then(() => void (isClosed = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  slow.resolve();
  await closing;
  expect(third.closed).toBe(true);
});
