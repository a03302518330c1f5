import { readFile, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LaneName } from '../../../runtime/admission/gate.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { temporaryDirectory } from '../../support/history-events.ts';
import { openMemoryPlane, type MemoryPlane } from '../../support/runs/memory-plane.ts';

const LIMITS = 'limits: { concurrentAgents: 4, turns: 10, toolCalls: 30, minutes: 5 }';
const readers = (count: number): string => `tools: [read_file]
agents:
  - name: reader
    count: ${count}
    prompt: Call read_file exactly 1 times, 1 at a time, with path \`note.txt\`.
${LIMITS}`;
const callOf = (tool: string, path: string): string => `tools: [${tool}]
agents:
  - name: caller
    prompt: Call ${tool} exactly 1 times, 1 at a time, with path \`${path}\`.
${LIMITS}`;
/** Fails until there is a file "ready". */
const program = (script: string): string => `agents:
  - name: program
    kind: command
    prompt: Do it.
    command: [sh, -c, '${script}']
${LIMITS}`;

/** Every lane that keeps a place for what must go on. */
const ALL: readonly LaneName[] = ['run:all', 'io', 'cpu', 'process'];
const AGENTS: readonly LaneName[] = ['run:all'];

/** One way to start work. */
interface Way {
  readonly name: string;
  /** Where it waits. */
  readonly lane: LaneName;
  /** The lanes without a free place; the work of the others goes on, one at a time. */
  readonly taken: readonly LaneName[];
  /** Everything before memory gets short: what is to be resumed. */
  readonly prepare?: (scene: MemoryPlane) => Promise<string>;
  /** Starts it while memory is short; answers the run. */
  readonly start: (scene: MemoryPlane, runId: string) => Promise<string>;
}

async function launch({ plane }: MemoryPlane, path: string): Promise<string> {
  return (await plane.launch({ path, overrides: {} })).run.runId;
}

async function endOf({ plane }: MemoryPlane, runId: string): Promise<unknown> {
  return (await plane.fleets.find(runId)?.settled) ?? (await plane.history.reader.getRun(runId));
}

async function failOnce(scene: MemoryPlane): Promise<string> {
  const runId = await launch(scene, await scene.fleet('fails', program('test -e ready')));
  expect(await endOf(scene, runId)).toMatchObject({ agentsFailed: 1 });
  return runId;
}

const WAYS: readonly Way[] = [
  {
    name: 'run: a launch',
    lane: 'run:all',
    taken: ALL,
    start: async (scene) => launch(scene, await scene.fleet('launched', readers(3))),
  },
  {
    name: 'run: a program as an agent',
    lane: 'process',
    taken: ['process'],
    start: async (scene) => launch(scene, await scene.fleet('program', program('true'))),
  },
  {
    name: 'retry: the agents of a run that failed',
    lane: 'run:all',
    taken: ALL,
    prepare: failOnce,
    async start({ plane }, runId) {
      return (await plane.launch({ resume: runId, only: 'failed', overrides: {} })).run.runId;
    },
  },
  {
    name: 'resume: a run that was paused before its agents had started',
    lane: 'run:all',
    taken: AGENTS,
    async start(scene) {
      const runId = await launch(scene, await scene.fleet('paused', readers(2)));
      await scene.waits(runId, 'run:all');
      scene.plane.fleets.pause(runId);
      scene.plane.fleets.resume(runId);
      return runId;
    },
  },
  {
    name: 'tool call: inside the process',
    lane: 'io',
    taken: ['io'],
    start: async (scene) => launch(scene, await scene.fleet('io-call', callOf('read_file', 'note.txt'))),
  },
  {
    name: 'tool call: in a worker thread',
    lane: 'cpu',
    taken: ['cpu'],
    start: async (scene) => launch(scene, await scene.fleet('cpu-call', callOf('list_files', '.'))),
  },
];

test.each(WAYS)('$name waits for memory, says so, and goes on when there is some', async ({ lane, taken, ...way }) => {
  using directory = temporaryDirectory();
  await writeFile(join(directory.path, 'note.txt'), 'one\n');
  await using scene = await openMemoryPlane(directory.path);
  const prepared = (await way.prepare?.(scene)) ?? '';
  await scene.take(taken);
  const runId = await way.start(scene, prepared);
  const [first] = await scene.waits(runId, lane);
  expect(first).toMatchObject({ reason: 'memory', position: 1 });
  await writeFile(join(directory.path, 'ready'), '');
  scene.giveBack();
  expect(await endOf(scene, runId)).toMatchObject({ state: 'done', agentsFailed: 0 });
});

test('run: the documents that a launch reads first wait for memory too', async () => {
  using directory = temporaryDirectory();
  await writeFile(join(directory.path, 'note.txt'), 'one\n');
  await using scene = await openMemoryPlane(directory.path);
  const body = readers(1).replace('[read_file]', '[read_file, search_knowledge]');
  const path = await scene.fleet('knowing', `knowledge: { files: '*.txt' }\n${body}`);
  await scene.take(['cpu']);
  const launched = launch(scene, path);
  const waiting = () => scene.gate.waitingItems('cpu', { offset: 0, limit: 10 }).items;
  while (waiting().length === 0) await systemClock.sleep(5);
  expect(waiting()).toMatchObject([{ reason: 'memory', position: 1 }]);
  scene.giveBack();
  expect(await endOf(scene, await launched)).toMatchObject({ state: 'done', agentsFailed: 0 });
});

test('a run that was cut short waits for memory when it is resumed after a restart', async () => {
  using directory = temporaryDirectory();
  await writeFile(join(directory.path, 'note.txt'), 'one\n');
  let runId = '';
  {
    await using before = await openMemoryPlane(directory.path);
    await before.take(AGENTS);
    runId = await launch(before, await before.fleet('cut-short', readers(2)));
    await before.waits(runId, 'run:all');
  }
  await using after = await openMemoryPlane(directory.path);
  await after.take(AGENTS);
  await after.plane.launch({ resume: runId, overrides: {} });
  expect(await after.waits(runId, 'run:all')).toHaveLength(2);
  after.giveBack();
  expect(await endOf(after, runId)).toMatchObject({ state: 'done', agentsFailed: 0 });
});

test('refusing, each launch is told to come back later and leaves no run behind; with memory it begins', async () => {
  using directory = temporaryDirectory();
  await writeFile(join(directory.path, 'note.txt'), 'one\n');
  await using scene = await openMemoryPlane(directory.path);
  const failed = await failOnce(scene);
  const path = await scene.fleet('refused', readers(1));
  await scene.take(AGENTS, 'refuse');
  const launches = [
    { path, overrides: {} },
    { resume: failed, only: 'failed' as const, overrides: {} },
  ];
  for (const request of launches) {
    await expect(scene.plane.launch(request)).rejects.toMatchObject({ code: 'MEMORY_SHORT', retryable: true });
  }
  expect(scene.plane.fleets.find(failed)).toBeUndefined();
  scene.giveBack();
  await scene.until('open');
  const runId = await launch(scene, path);
  expect(await endOf(scene, runId)).toMatchObject({ state: 'done', agentsFailed: 0 });
});

test('one agent goes on to its end however short memory is', async () => {
  using directory = temporaryDirectory();
  await writeFile(join(directory.path, 'note.txt'), 'one\n');
  await using scene = await openMemoryPlane(directory.path);
  await scene.take([]);
  const runId = await launch(scene, await scene.fleet('floor', readers(3)));
  expect(await endOf(scene, runId)).toMatchObject({ state: 'done', agents: 3, agentsFailed: 0 });
  expect(scene.plane.memory().gate.level).toBe('short');
});

/**
 * Whoever else asks the gate for a slot is a new way to start work. It belongs into the tests above, or here with the reason why
 * memory does not hold it back.
 */
const CALLERS = [
  // Agents; programs as agents; tool calls.
  'runtime/fleet/live/run-admission.ts',
  'runtime/agent/command-agent.ts',
  'runtime/tools/run-tools.ts',
  // What a launch reads before its agents start.
  'main/boot/run-tools.ts',
  // Turns of agents that run already: the permits of a provider.
  'runtime/agent/ask-turn.ts',
];

test('no other way to start work crosses the gate', async () => {
  const root = join(import.meta.dirname, '../../..');
  const files = globSync('{runtime,main}/**/*.ts', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  const callers: string[] = [];
  for (const path of files) {
    if (path.startsWith('runtime/admission/')) continue;
    const text = await readFile(join(root, path), 'utf8');
    if (/\bgate!?\.(?:submit|acquire)\(|\bsubmitWhenRoom\(/.test(text)) callers.push(path);
  }
  expect(callers.toSorted()).toEqual(CALLERS.toSorted());
});
