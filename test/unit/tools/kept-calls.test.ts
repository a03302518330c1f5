import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { NamedCaches } from '../../../runtime/cache/named/named-caches.ts';
import { readFileTool } from '../../../runtime/tools/built-in/read-file.ts';
import type { Tool, ToolOutput } from '../../../runtime/tools/tool.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { settleMicrotasks } from '../../support/manual-clock.ts';
import { cachesValues, testCaches } from '../../support/test-caches.ts';
import { openTemporaryFolder, openToolBench, type ToolBench, type ToolBenchOptions } from '../../support/tool-bench.ts';

const toResults = (caches: NamedCaches, scope = 'a') => ({
  schemas: caches.toolSchemas,
  results: { cache: caches.toolResults, scope },
});

function openBench(options: ToolBenchOptions & { readonly keptBy?: NamedCaches; readonly scope?: string }): ToolBench {
  const { keptBy = testCaches(), scope, ...more } = options;
  return openToolBench({ caches: toResults(keptBy, scope), ...more });
}

/** A tool that tells the state of a small world, and how often it ran. */
function worldTool(run?: (state: string) => Promise<ToolOutput>) {
  const world = { state: 'one', runs: 0, looks: 0 };
  const tool: Tool<{ readonly at?: string | undefined }> = {
    name: 'look_around',
    description: '',
    input: z.strictObject({ at: z.string().optional() }),
    lane: 'io',
    repeatable: true,
    basis: {
      lane: 'io',
      look: async () => {
        world.looks++;
        return world.state;
      },
    },
    run: async () => {
      world.runs++;
      const { state } = world;
      return run ? await run(state) : { text: `it is ${state}`, basis: state };
    },
  };
  return { world, tool: tool as Tool };
}

describe('an equal call', () => {
  test('is answered without running the tool while the world is the same, marked, and in the ledger like any other', async () => {
    const { world, tool } = worldTool();
    await using bench = openBench({ tools: [tool] });
    const first = await bench.call('look_around', { at: 'a' });
    const second = await bench.call('look_around', '{ "at" : "a" }');
    expect([first.cached, second.cached]).toEqual([undefined, true]);
    expect(second).toMatchObject({ state: 'done', output: 'it is one', outputBytes: first.outputBytes });
    expect([world.runs, bench.ledger]).toEqual([1, ['0-1', '0-2']]);
  });

  test('runs again when the world has changed, and what it came to then is kept in place of the other', async () => {
    const caches = testCaches();
    const { world, tool } = worldTool();
    await using bench = openBench({ tools: [tool], keptBy: caches });
    await bench.call('look_around', {});
    await settleMicrotasks();
    world.state = 'two';
    expect(await bench.call('look_around', {})).toMatchObject({ output: 'it is two' });
    expect(await bench.call('look_around', {})).toMatchObject({ output: 'it is two', cached: true });
    expect(world.runs).toBe(2);
    expect(caches.toolResults.figures()).toMatchObject({ entries: 1, hits: 1, misses: 3, outdated: 1 });
  });

  test.each([
    ['with other arguments', { at: 'b' }, {}],
    ['of another fleet', { at: 'a' }, { scope: 'b' }],
    ['in another workspace', { at: 'a' }, { workspace: '/elsewhere' }],
    ['with another limit of output', { at: 'a' }, { maxOutputBytes: 1_000 }],
  ])('%s is another', async (_, args, options) => {
    const caches = testCaches();
    const { world, tool } = worldTool();
    await using one = openBench({ tools: [tool], keptBy: caches });
    await using other = openBench({ tools: [tool], keptBy: caches, ...options });
    await one.call('look_around', { at: 'a' });
    expect((await other.call('look_around', args)).cached).toBeUndefined();
    expect(world.runs).toBe(2);
  });

  test('that waited while the limit of output changed leaves nothing under the limit of before', async () => {
    const { world, tool } = worldTool(async (state) => ({ text: state.repeat(1_000), basis: state }));
    const limits = { maxOutputBytes: 10, timeoutMs: 1_000, off: new Set<string>() };
    const io = { maxRunning: 1, queueCapacity: 9 };
    await using bench = openBench({ tools: [tool], settings: () => limits, io });
    const busy = Promise.withResolvers<void>();
    const first = bench.gate.submit('io', () => busy.promise);
    const call = bench.call('look_around', {});
    limits.maxOutputBytes = 100;
    busy.resolve();
    await first;
    expect((await call).output).toMatch(/^.{100}\n\[2900 bytes cut; the limit is 100 bytes\]$/);
    limits.maxOutputBytes = 10;
    expect(await bench.call('look_around', {})).toMatchObject({ output: expect.stringMatching(/^.{10}\n/) });
    expect(world.runs).toBe(2);
  });

  test('is denied once its tool is switched off, also while it is looked whether an answer holds', async () => {
    const { tool } = worldTool();
    const off = new Set<string>();
    await using bench = openBench({ tools: [tool], off });
    await bench.call('look_around', {});
    const looking = bench.call('look_around', {});
    off.add('look_around');
    expect([await looking, await bench.call('look_around', {})]).toMatchObject([
      { state: 'denied', error: { code: 'TOOL_DENIED' } },
      { state: 'denied', error: { code: 'TOOL_DENIED' } },
    ]);
    expect(bench.ledger).toEqual(['0-1']);
  });

  test('of fleets that share is answered from what the other kept', async () => {
    const caches = testCaches();
    const { tool } = worldTool();
    await using one = openBench({ tools: [tool], keptBy: caches, scope: 'shared' });
    await using other = openBench({ tools: [tool], keptBy: caches, scope: 'shared' });
    await one.call('look_around', {});
    expect(await other.call('look_around', {})).toMatchObject({ cached: true, output: 'it is one' });
  });

  test('runs when the fleet wants that, when the cache is off, and when the tool has no basis', async () => {
    const caches = testCaches();
    const { world, tool } = worldTool();
    const { basis: _, ...without } = tool;
    await using unkept = openToolBench({ tools: [tool], caches: { schemas: caches.toolSchemas } });
    await using bench = openBench({ tools: [tool, { ...without, name: 'blind' }], keptBy: caches });
    for (let times = 0; times < 2; times++) {
      await unkept.call('look_around', {});
      await bench.call('blind', {});
    }
    await caches.reconfigure(cachesValues({ toolResults: { isEnabled: false } }));
    for (let times = 0; times < 2; times++) await bench.call('look_around', {});
    expect([world.runs, world.looks]).toEqual([6, 0]);
  });
});

describe('what is not kept', () => {
  test.each<[string, ToolOutput]>([
    ['an output whose basis changed meanwhile', { text: 'x' }],
    ['an output with a failure', { text: 'x', basis: 'one', error: new AppError('TOOL_FAILED', 'No.') }],
  ])('%s', async (_, output) => {
    const { world, tool } = worldTool(async () => output);
    await using bench = openBench({ tools: [tool] });
    await bench.call('look_around', {});
    await bench.call('look_around', {});
    expect(world.runs).toBe(2);
  });
});

describe('equal calls at the same time', () => {
  test('run once; those that waited look whether the answer still holds', async () => {
    const caches = testCaches();
    const held = Promise.withResolvers<void>();
    const { world, tool } = worldTool(async (state) => {
      await held.promise;
      return { text: `it is ${state}`, basis: state };
    });
    await using bench = openBench({ tools: [tool], keptBy: caches });
    const calls = [1, 2, 3].map(() => bench.call('look_around', {}));
    await settleMicrotasks();
    held.resolve();
    const results = await Promise.all(calls);
    expect(results.map(({ cached }) => cached)).toEqual([undefined, true, true]);
    expect([world.runs, world.looks, bench.ledger.length]).toEqual([1, 2, 3]);
    expect(caches.toolResults.figures()).toMatchObject({ hits: 2, misses: 1, loads: { joined: 2 } });
  });

  test('see what changed after another had begun to read', async () => {
    const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { world, tool } = worldTool(async (state) => {
      await held[world.runs - 1]!.promise;
      return { text: `it is ${state}`, basis: state };
    });
    await using bench = openBench({ tools: [tool] });
    const early = bench.call('look_around', {});
    await settleMicrotasks();
    world.state = 'two';
    const late = bench.call('look_around', {});
    for (const { resolve } of held) resolve();
    expect((await early).output).toBe('it is one');
    expect(await late).toMatchObject({ output: 'it is two' });
  });

  test('end one by one: one that is cancelled does not wait, and one whose leader is cancelled runs itself', async () => {
    const held = Promise.withResolvers<void>();
    const { world, tool } = worldTool(async (state) => {
      await held.promise;
      return { text: `it is ${state}`, basis: state };
    });
    await using bench = openBench({ tools: [tool] });
    const [leader, follower] = [new AbortController(), new AbortController()];
    const led = bench.call('look_around', {}, { signal: leader.signal });
    await settleMicrotasks();
    const followed = bench.call('look_around', {}, { signal: follower.signal });
    const last = bench.call('look_around', {});
    follower.abort();
    expect((await followed).state).toBe('cancelled');
    leader.abort();
    held.resolve();
    await led;
    expect(await last).toMatchObject({ state: 'done', output: 'it is one' });
    expect(world.runs).toBeLessThanOrEqual(2);
  });

  test('that wait for another end with their run', async () => {
    const caches = testCaches();
    const held = Promise.withResolvers<void>();
    const { tool } = worldTool(async (state) => {
      await held.promise;
      return { text: state, basis: state };
    });
    await using leading = openBench({ tools: [tool], keptBy: caches });
    const bench = openBench({ tools: [tool], keptBy: caches });
    const led = leading.call('look_around', {});
    await settleMicrotasks();
    const followed = bench.call('look_around', {});
    await settleMicrotasks();
    await bench[Symbol.asyncDispose]();
    expect((await followed).state).toBe('cancelled');
    held.resolve();
    expect((await led).state).toBe('done');
  });
});

describe('a file', () => {
  let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
  beforeEach(async () => void (folder = await openTemporaryFolder()));
  afterEach(() => folder[Symbol.asyncDispose]());
  const put = (path: string, text: string): Promise<void> => writeFile(join(folder.path, path), text);

  /** Reads until the answer is given again: a file that has just changed is not kept. */
  async function readKept(bench: ToolBench, path: string): Promise<void> {
    await expect.poll(async () => (await bench.call('read_file', { path })).cached, { interval: 20 }).toBe(true);
  }

  test('that has just changed is read each time, and given again only later', async () => {
    await using bench = openBench({ tools: [readFileTool], workspace: folder.path });
    await put('a.txt', 'one');
    const results = [
      await bench.call('read_file', { path: 'a.txt' }),
      await bench.call('read_file', { path: 'a.txt' }),
    ];
    expect(results.map(({ cached }) => cached)).toEqual([undefined, undefined]);
    await readKept(bench, 'a.txt');
  });

  test('is read anew when it changed, was replaced by one of the same size, or its folder became another', async () => {
    await using bench = openBench({ tools: [readFileTool], workspace: folder.path });
    const read = async (path: string) => (await bench.call('read_file', { path })).output.split('\n')[1];
    await mkdir(join(folder.path, 'sub'));
    await put('sub/a.txt', 'one');
    await readKept(bench, 'sub/a.txt');
    await put('sub/a.txt', 'two');
    expect(await read('sub/a.txt')).toBe('two');
    await readKept(bench, 'sub/a.txt');
    await put('new.txt', 'six');
    await rename(join(folder.path, 'new.txt'), join(folder.path, 'sub/a.txt'));
    expect(await read('sub/a.txt')).toBe('six');
    await readKept(bench, 'sub/a.txt');
    await mkdir(join(folder.path, 'next'));
    await put('next/a.txt', 'ten');
    await rename(join(folder.path, 'sub'), join(folder.path, 'old'));
    await rename(join(folder.path, 'next'), join(folder.path, 'sub'));
    expect(await read('sub/a.txt')).toBe('ten');
  });

  test('that is gone is missing, whatever was kept of it', async () => {
    await using bench = openBench({ tools: [readFileTool], workspace: folder.path });
    await put('a.txt', 'one');
    await readKept(bench, 'a.txt');
    await rename(join(folder.path, 'a.txt'), join(folder.path, 'b.txt'));
    expect(await bench.call('read_file', { path: 'a.txt' })).toMatchObject({
      state: 'failed',
      error: { code: 'FILE_NOT_FOUND' },
    });
  });
});

test('the schema of a tool is made once for all runs, and again when it left the cache', async () => {
  const caches = testCaches();
  const { tool } = worldTool();
  await using one = openBench({ tools: [tool], keptBy: caches });
  await using other = openBench({ tools: [tool], keptBy: caches });
  const [first] = one.tools.schemas(['look_around']);
  expect(other.tools.schemas(['look_around'])[0]).toBe(first);
  await caches.reconfigure(cachesValues({ toolSchemas: { isEnabled: false } }));
  expect(other.tools.schemas(['look_around'])[0]).not.toBe(first);
});

test('two tools of one name have their own schemas', async () => {
  const caches = testCaches();
  const [{ tool }, { tool: other }] = [worldTool(), worldTool()];
  await using one = openBench({ tools: [tool], keptBy: caches });
  await using two = openBench({ tools: [{ ...other, description: 'another' }], keptBy: caches });
  const descriptions = [one, two].map(({ tools }) => tools.schemas(['look_around'])[0]?.description);
  expect(descriptions).toEqual(['', 'another']);
});
