import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ToolCallRecord } from '../../../main/history/history-records.ts';
import { hostileAgents, toFleetText, type FleetAgent } from '../../support/hostile/hostile-fleet.ts';
import { createHostileTools } from '../../support/hostile/hostile-tools.ts';
import { openTestPlane, type TestPlane } from '../../support/instance/test-plane.ts';

const MIB = 2 ** 20;

/** Of each tool that harms its thread; below `breaker.minCalls`, so that every one of them is let through. */
const HARMS = 2;
const FLOOD_CALLS = 512;
/** Less than one turn of the flood asks for. */
const IO_SLOTS = 32;
const IO_QUEUE = 64;
const CEILING = 8;
const OTHERS = 24;

/** Half work in threads, half in the main thread. */
const OTHER_TOOLS = ['search_files', 'read_file'] as const;
const OTHER_CALLS = 6;

const others: readonly FleetAgent[] = Array.from({ length: OTHERS }, (_, index) => ({
  name: `other-${index + 1}`,
  tools: [...OTHER_TOOLS],
  prompt: Array.from({ length: OTHER_CALLS / 2 }, (_call, n) => [
    `- Search for \`needle ${n}\` in \`note.txt\` with search_files.`,
    `- Read lines ${n + 1} to ${n + 2} of \`note.txt\`.`,
  ])
    .flat()
    .join('\n'),
}));

/** More threads than can be stuck at once. */
const SETTINGS = {
  'cpu.maxWorkers': 6,
  'cpu.oldGenerationBytes': 32 * MIB,
  'cpu.youngGenerationBytes': 4 * MIB,
  'cpu.externalBytes': 64 * MIB,
  'io.maxRunning': IO_SLOTS,
  'io.queueCapacity': IO_QUEUE,
  'io.maxPerAgent': CEILING,
  'gc.tuner': 'off',
};

async function callsOf({ plane }: TestPlane, runId: string): Promise<Map<string, ToolCallRecord[]>> {
  const names = new Map<number, string>();
  for await (const { agent, name } of plane.history.reader.sessions(runId)) names.set(agent, name);
  const calls = new Map<string, ToolCallRecord[]>([...names.values()].map((name) => [name, []]));
  for await (const call of plane.history.reader.toolCalls(runId)) calls.get(names.get(call.agent)!)!.push(call);
  return calls;
}

const codesOf = (calls: readonly ToolCallRecord[]): unknown[] =>
  calls.map(({ state, error }) => (state === 'done' ? state : error?.code));

test('agents that spin, leak, flood and crash their threads harm nobody else in their fleet, and read why they failed', async () => {
  const hostile = createHostileTools();
  await using site = await openTestPlane(SETTINGS, hostile.tools, hostile);
  const lines = Array.from({ length: 1_000 }, (_, n) => `line ${n} needle ${n % 7}`);
  await writeFile(join(site.dataDir, 'note.txt'), `${lines.join('\n')}\n`);
  const agents = [...hostileAgents({ harms: HARMS, floodCalls: FLOOD_CALLS }), ...others];
  const run = await site.launch(toFleetText(agents));
  const report = await site.plane.report(await run.settled);

  expect(report).toMatchObject({
    state: 'done',
    agentsFailed: 0,
    toolCalls: 5 * HARMS + FLOOD_CALLS + OTHERS * OTHER_CALLS,
    toolCallsFailed: 5 * HARMS,
    lost: 0,
    duplicated: 0,
  });
  const calls = await callsOf(site, run.runId);
  const codes = Object.fromEntries(
    [...calls].filter(([name]) => !/^(other|flood)/.test(name)).map(([name, own]) => [name, codesOf(own)]),
  );
  const each = (code: string): string[] => Array.from({ length: HARMS }, () => code);
  expect(codes).toEqual({
    spin: each('TASK_TIMED_OUT'),
    'leak-heap': each('WORKER_OUT_OF_MEMORY'),
    'leak-buffers': each('WORKER_OUT_OF_MEMORY'),
    crash: each('WORKER_LOST'),
    'crash-again': each('TASK_POISONED'),
  });
  // The flood is held to its ceiling and sent back when the queue is full; none of it fails.
  expect(codesOf(calls.get('flood')!)).toEqual(Array.from({ length: FLOOD_CALLS }, () => 'done'));
  expect(hostile.mostFlooding()).toBe(CEILING);
  expect(site.gate.stats().find(({ name }) => name === 'io')?.refused).toBeGreaterThan(0);
  // Every other agent has what it asked for, and not a word of what happened beside it.
  const wellBehaved = [...calls].filter(([name]) => name.startsWith('other-'));
  expect(wellBehaved).toHaveLength(OTHERS);
  for (const [, own] of wellBehaved) {
    expect(codesOf(own)).toEqual(Array.from({ length: OTHER_CALLS }, () => 'done'));
    expect(own.map(({ tool }) => tool)).toEqual(Array.from({ length: OTHER_CALLS / 2 }, () => OTHER_TOOLS).flat());
    expect(own.every(({ output }) => /needle/.test(output ?? ''))).toBe(true);
  }
});
