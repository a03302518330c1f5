import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Tool } from '../../../runtime/tools/tool.ts';
import { parseCallId } from '../../../shared/model/ids.ts';
import { openTestPlane } from '../../support/instance/test-plane.ts';

const CALLS = 40;

const FLEET = `flotilla: 1
name: weighed
model: sim/default
tools: [note_word]
cache: { toolResults: false }
agents:
  - { name: light, prompt: 'Call note_word exactly ${CALLS} times, ${CALLS} at a time, with word \`x\`.' }
  - { name: heavy, weight: 4, prompt: 'Call note_word exactly ${CALLS} times, ${CALLS} at a time, with word \`x\`.' }
limits: { concurrentAgents: 2, turns: 5 }
`;

test('an agent of weight 4 has four calls started for each one of its neighbour while both wait', async () => {
  const order: number[] = [];
  let letGo: (() => void) | undefined;
  const bothWait = new Promise<void>((resolve) => void (letGo = resolve));
  const note: Tool<{ word?: string | undefined }> = {
    name: 'note_word',
    description: 'Notes who called.',
    input: z.object({ word: z.string().optional() }),
    lane: 'io',
    repeatable: true,
    run: async (_input, { callId }) => {
      await bothWait;
      order.push(parseCallId(callId)?.agent ?? -1);
      return { text: 'noted' };
    },
  };
  await using plane = await openTestPlane({ 'io.maxRunning': 1 }, [note]);
  const run = await plane.launch(FLEET);
  const io = () => plane.gate.stats().find(({ name }) => name === 'io')!;
  while (io().waiting < 2 * CALLS - 1) await new Promise((resolve) => setTimeout(resolve, 5));
  letGo?.();
  expect(await run.settled).toMatchObject({ state: 'done', toolCalls: 2 * CALLS });
  // The first call had its slot before the other agent came.
  const shared = order.slice(1, 31);
  const heavy = shared.filter((agent) => agent === 1).length;
  expect(heavy).toBe(24);
});
