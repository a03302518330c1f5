import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openGate } from '../../../runtime/admission/gate.ts';
import { runCommandAgent, type CommandAgentContext } from '../../../runtime/agent/command-agent.ts';
import { openProcesses } from '../../../runtime/processes/processes.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { CommandAgentPlan } from '../../../shared/fleet/fleet-plan.ts';
import { findMarked, launchersOf, MARK_NAME, noneMarked, rssBytesOf } from '../../support/marked-processes.ts';

const programs = fileURLToPath(new URL('../../fixtures/programs', import.meta.url));
const KEPT_BYTES = 10_000;
const MEGABYTE = 1024 * 1024;

async function openAgents(mark: string, maxRunning: number) {
  await using opening = new AsyncDisposableStack();
  const workspace = await mkdtemp(join(tmpdir(), 'flotilla-test-'));
  opening.defer(() => rm(workspace, { recursive: true }));
  const gate = opening.use(openGate({ clock: systemClock, lanes: { process: { maxRunning, queueCapacity: 1_000 } } }));
  const processes = opening.use(openProcesses({ clock: systemClock }));
  const stopper = new AbortController();
  const context: CommandAgentContext = {
    processes,
    gate,
    workspace,
    clock: systemClock,
    owner: 'run/0',
    signal: stopper.signal,
    maxOutputBytes: KEPT_BYTES,
    stopGraceMs: 500,
    minutes: 2,
    environmentSource: { ...process.env, [MARK_NAME]: mark },
  };
  const owned = opening.move();
  return { context, stopper, gate, processes, workspace, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function planOf(index: number, command: string[], more: Partial<CommandAgentPlan> = {}): CommandAgentPlan {
  return {
    kind: 'command',
    index,
    name: `agent-${index}`,
    prompt: `prompt ${index}`,
    command,
    promptBy: 'argument',
    environment: [MARK_NAME],
    ...more,
  };
}

test('fifty command agents at once, eight of them unruly, give the right results and leave nothing alive', async () => {
  const mark = `fifty-${process.pid}`;
  const agents = await openAgents(mark, 50);
  const peaks = { main: 0, launcher: 0 };
  const before = process.memoryUsage().rss;
  const watch = setInterval(() => {
    peaks.main = Math.max(peaks.main, process.memoryUsage().rss);
    for (const pid of launchersOf(process.pid)) peaks.launcher = Math.max(peaks.launcher, rssBytesOf(pid));
  }, 100);
  try {
    const run = (plan: CommandAgentPlan, minutes = 2) => runCommandAgent(plan, { ...agents.context, minutes });
    const ordinary = Array.from({ length: 42 }, (_, index) => run(planOf(index, [`${programs}/echoes.sh`])));
    const [stubborn, forking, daemon, loud, failing, killed, deaf, late] = await Promise.all([
      run(planOf(42, [`${programs}/ignores-sigterm.sh`]), 0.05),
      run(planOf(43, [`${programs}/forks-and-exits.sh`])),
      run(planOf(44, [`${programs}/becomes-daemon.sh`])),
      run(planOf(45, [`${programs}/prints-one-gigabyte.sh`])),
      run(planOf(46, [`${programs}/fails.sh`])),
      run(planOf(47, ['sh', '-c', 'kill -9 $$'])),
      run(planOf(48, [`${programs}/never-reads.sh`], { promptBy: 'stdin', prompt: 'y'.repeat(900_000) })),
      run(planOf(49, ['sh', '-c', 'echo begun; sleep 600']), 0.04),
    ]);
    for (const [index, end] of (await Promise.all(ordinary)).entries()) {
      expect(end).toMatchObject({ stop: { kind: 'answered' }, answer: `prompt ${index}` });
    }
    expect(stubborn).toMatchObject({
      stop: { kind: 'limit', limit: 'minutes', at: 0.05 },
      result: { signal: 'SIGKILL' },
    });
    expect(stubborn.answer).toMatch(/^ready\s+heard$/);
    expect(forking).toMatchObject({ stop: { kind: 'answered' }, answer: 'prompt 43', result: { strayCount: 1 } });
    expect(daemon).toMatchObject({ stop: { kind: 'answered' }, answer: 'prompt 44', result: { strayCount: 2 } });
    expect(loud.stop).toEqual({ kind: 'answered' });
    expect(loud.result?.stdoutBytes).toBe(1024 * MEGABYTE);
    expect(loud.answer).toBe(`${'x'.repeat(KEPT_BYTES)}\n[${1024 * MEGABYTE - KEPT_BYTES} more bytes were cut]`);
    expect(failing.stop).toMatchObject({ kind: 'failed', code: 'PROGRAM_FAILED' });
    expect(failing.stop).toMatchObject({ message: expect.stringMatching(/exit code 3: the last line says why$/) });
    expect(failing.answer).toBe('part of an answer');
    expect(killed.stop).toMatchObject({ code: 'PROGRAM_FAILED', message: expect.stringContaining('SIGKILL') });
    expect(deaf).toMatchObject({ stop: { kind: 'answered' }, answer: 'did not read' });
    expect(late).toMatchObject({ stop: { kind: 'limit', limit: 'minutes' }, answer: 'begun' });

    expect(findMarked(mark)).toEqual([]);
    expect(await agents.processes.alive()).toEqual([]);
    expect(agents.gate.stats()[0]).toMatchObject({ running: 0, waiting: 0 });
    expect(peaks.main - before).toBeLessThan(150 * MEGABYTE);
    expect(peaks.launcher).toBeGreaterThan(0);
    expect(peaks.launcher).toBeLessThan(200 * MEGABYTE);
  } finally {
    clearInterval(watch);
    await agents[Symbol.asyncDispose]();
  }
  expect(launchersOf(process.pid)).toEqual([]);
});

test('a prompt reaches the program unchanged as argument, in a file and on standard input', async () => {
  await using agents = await openAgents(`prompt-${process.pid}`, 4);
  const prompt = `it's "quoted" $HOME \`id\` \\ %s\n{{promptFile}} ; rm -rf * | é 漢 🚢`;
  const ask = (command: string[], more: Partial<CommandAgentPlan>) =>
    runCommandAgent(planOf(0, command, { prompt, ...more }), agents.context);
  const [last, placed, file, named, stdin] = await Promise.all([
    ask([`${programs}/echoes.sh`], {}),
    ask([`${programs}/echoes.sh`, 'ask: {{prompt}}'], {}),
    ask(['cat'], { promptBy: 'file' }),
    ask(['sh', '-c', 'stat -c %a "$1" && cat "$1"', 'sh', '{{promptFile}}'], { promptBy: 'file' }),
    ask(['cat'], { promptBy: 'stdin' }),
  ]);
  expect(last.answer).toBe(prompt);
  expect(placed.answer).toBe(`ask: ${prompt}`);
  expect(file.answer).toBe(prompt);
  expect(named.answer).toBe(`600\n${prompt}`);
  expect(stdin.answer).toBe(prompt);
});

test('a prompt that no argument can carry is refused with the way out, and goes through by standard input', async () => {
  await using agents = await openAgents(`nul-${process.pid}`, 4);
  const withNul = await runCommandAgent(planOf(0, ['echo'], { prompt: 'a\0b' }), agents.context);
  expect(withNul.stop).toMatchObject({
    kind: 'failed',
    code: 'INPUT_INVALID',
    message: expect.stringMatching(/NUL.*stdin/),
  });
  const tooLong = await runCommandAgent(planOf(1, ['echo'], { prompt: 'x'.repeat(500_000) }), agents.context);
  expect(tooLong.stop).toMatchObject({
    kind: 'failed',
    code: 'INPUT_INVALID',
    message: expect.stringMatching(/stdin/),
  });
  const counted = await runCommandAgent(
    planOf(2, ['wc', '-c'], { prompt: `${'x'.repeat(500_000)}\0`, promptBy: 'stdin' }),
    agents.context,
  );
  expect(counted.answer).toBe('500001');
});

test('a program sees only the plain variables and those that its plan names', async () => {
  await using agents = await openAgents(`environment-${process.pid}`, 4);
  const source = { PATH: process.env.PATH, HOME: '/home/somebody', SECRET: 's', WANTED: 'w', [MARK_NAME]: 'm' };
  const { answer } = await runCommandAgent(
    planOf(0, ['env'], { environment: ['WANTED', 'ABSENT'], promptBy: 'stdin' }),
    {
      ...agents.context,
      environmentSource: source,
    },
  );
  const names = answer.split('\n').map((line) => line.split('=')[0]);
  expect(new Set(names)).toEqual(new Set(['FLOTILLA_TOKEN', 'HOME', 'PATH', 'TERM', 'WANTED']));
});

test('a program that is not there and a folder that is not there are told apart', async () => {
  await using agents = await openAgents(`missing-${process.pid}`, 4);
  const missing = await runCommandAgent(planOf(0, ['no-such-program']), agents.context);
  expect(missing.stop).toMatchObject({
    code: 'PROGRAM_NOT_FOUND',
    message: expect.stringContaining('"no-such-program"'),
  });
  const lost = await runCommandAgent(planOf(1, ['true']), { ...agents.context, workspace: '/no/such/folder' });
  expect(lost.stop).toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('/no/such/folder') });
});

test('an aborted signal stops those that run and those that wait, and frees the lane', async () => {
  const mark = `abort-${process.pid}`;
  await using agents = await openAgents(mark, 2);
  const begun = Promise.withResolvers<void>();
  const ends = Array.from({ length: 6 }, (_, index) =>
    runCommandAgent(planOf(index, ['sh', '-c', 'echo begun; sleep 600']), {
      ...agents.context,
      onOutput: () => begun.resolve(),
    }),
  );
  await begun.promise;
  agents.stopper.abort();
  for (const end of await Promise.all(ends)) expect(end.stop).toEqual({ kind: 'stopped', by: 'operator' });
  expect(findMarked(mark)).toEqual([]);
  expect(agents.gate.stats()[0]).toMatchObject({ running: 0, waiting: 0 });
});

test('a system without room for all of them at once gets them all done', async () => {
  const command = `ulimit -n 90; exec "$0" "$@"`;
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    command,
    process.execPath,
    `${programs}/runs-many-agents.ts`,
    '60',
  ]);
  const expected = Array.from({ length: 60 }, (_, index) => ({ stop: { kind: 'answered' }, answer: String(index) }));
  expect(JSON.parse(stdout)).toEqual(expected);
});

test('a full lane is waited out', async () => {
  await using agents = await openAgents(`full-${process.pid}`, 1);
  agents.gate.reconfigure('process', { queueCapacity: 0 });
  const ends = await Promise.all(
    Array.from({ length: 4 }, (_, index) => runCommandAgent(planOf(index, ['echo']), agents.context)),
  );
  expect(ends.map((end) => end.answer)).toEqual(['prompt 0', 'prompt 1', 'prompt 2', 'prompt 3']);
  expect(agents.gate.stats()[0]?.refused).toBeGreaterThan(0);
  await noneMarked(`full-${process.pid}`, 0);
});
