import { expect, test } from 'vitest';
import { z } from 'zod';
import { command, CONTRACT_VERSION, defineDomain } from '../../../shared/contract/define.ts';
import { isPlain } from '../../../main/rpc/plain-input.ts';
import { createContractServer } from '../../../main/rpc/serve-contract.ts';
import { manualClock, settleMicrotasks } from '../../support/manual-clock.ts';
import { openShop, wire } from './served.ts';

/** A contract whose only entry takes anything. */
const box = {
  box: defineDomain('box', {
    keep: command({
      input: z.strictObject({ value: z.unknown() }),
      output: z.object({}),
      errors: [],
      deadlineMs: 1_000,
    }),
  }),
} as const;

function openBox() {
  const write = (): void => undefined;
  return createContractServer({
    contract: box,
    handlers: { box: { keep: () => ({}) } },
    clock: manualClock(),
    log: { info: write, warn: write, error: write },
    logPath: '/data/flotilla.log',
    program: 'box 1',
  });
}

function nested(depth: number): unknown {
  return JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
}

function circle(): unknown {
  const round: unknown[] = [];
  round.push(round, round);
  return round;
}

test.each([
  ['a value of a million levels', nested(1_000_000)],
  ['a circle', circle()],
  ['a number that JSON cannot say', { cents: 5n }],
  ['a thing with a class', new Map()],
])('a command with %s is refused, and the connection goes on', async (_what, value) => {
  const { received, say } = wire(openBox());
  say({ type: 'hello', version: CONTRACT_VERSION, client: 'x' });
  say({ type: 'call', id: 1, entry: 'box.keep', requestId: 'request-1', input: { value } });
  say({ type: 'call', id: 2, entry: 'box.keep', requestId: 'request-2', input: { value: [1, { a: null }] } });
  await settleMicrotasks();
  expect(received.slice(1)).toMatchObject([
    { type: 'error', id: 1, error: { code: 'INPUT_INVALID' } },
    { type: 'result', id: 2 },
  ]);
});

test('an input may be 64 levels deep and hold 200,000 values', () => {
  expect([isPlain(nested(64)), isPlain(nested(65))]).toEqual([true, false]);
  const list = (length: number): unknown => Array.from({ length }, () => 0);
  expect([isPlain(list(199_999)), isPlain(list(200_000))]).toEqual([true, false]);
});

test('who connects and says nothing is sent away after ten seconds; who begins may stay', async () => {
  const clock = manualClock();
  const { server } = openShop(clock, {});
  const [silent, greeted] = [wire(server), wire(server)];
  greeted.say({ type: 'hello', version: CONTRACT_VERSION, client: 'x' });
  await clock.advance(10_000);
  await silent.ended;
  expect(silent.received).toMatchObject([{ type: 'error', id: 0, error: { code: 'DEADLINE_EXCEEDED' } }]);
  greeted.say({ type: 'call', id: 1, entry: 'shop.price', input: { item: 'x' } });
  await settleMicrotasks();
  expect(greeted.received).toMatchObject([{ type: 'welcome' }, { type: 'result', id: 1 }]);
});
