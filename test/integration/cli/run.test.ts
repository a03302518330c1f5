import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { systemClock } from '../../../runtime/time/clock.ts';
import { createPlace, flotilla, type JsonLine, linesOf, type Place, start } from './command-line.ts';

/** Beyond the time in which two signals count as one. */
const ANOTHER_SIGNAL_MS = 350;

/** Ends after a minute unless it is stopped; the number finds it in the process table. */
const sleeper = (seconds: number): { name: string; command: string[] } => ({
  name: 'sleeper',
  command: ['sleep', String(seconds)],
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function only(lines: readonly JsonLine[], type: string): JsonLine {
  const found = lines.filter((line) => line.type === type);
  expect(found).toHaveLength(1);
  return found[0] as JsonLine;
}

async function startSleeping(place: Place, name = 'sleepy') {
  const fleet = await place.fleet(name, [sleeper(60)]);
  // A short deadline, in the environment because a guest may not bring settings of its own.
  const environment = { FLOTILLA_AGENTS_STOP_DEADLINE_MS: '500' };
  const running = start(['run', fleet, '--json', '--data-dir', place.dataDir], environment);
  await running.says('run.started');
  const { runId } = only(linesOf(running.stdout()).slice(0, 1), 'run.started') as unknown as { runId: string };
  return { running, runId };
}

test('with --json standard output holds the promised lines and nothing else', async () => {
  await using place = await createPlace();
  const fleet = await place.fleet('quick', [{ name: 'echoes', command: ['echo', 'hello'], count: 5 }]);
  const { code, stdout, stderr } = await flotilla(['run', fleet, '--json', '--data-dir', place.dataDir]);
  const lines = linesOf(stdout);
  const { runId } = only(lines, 'run.started');
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({ type: 'run.started', agents: 5 });
  const finished = lines.filter((line) => line.type === 'agent.finished');
  expect(finished.map((line) => line['state'])).toEqual(Array.from({ length: 5 }, () => 'done'));
  expect(new Set(finished.map((line) => line['agent'])).size).toBe(5);
  expect(finished[0]).toMatchObject({ toolCalls: 0, answer: expect.stringContaining('hello') as string });
  expect(lines.at(-1)).toMatchObject({
    type: 'run.finished',
    runId,
    state: 'done',
    agents: 5,
    failed: 0,
    lost: 0,
    duplicated: 0,
    ms: expect.any(Number) as number,
    peakRssBytes: expect.any(Number) as number,
    latencyMs: { p50: null, p99: null },
  });
  expect(lines.filter((line) => line.type === 'run.progress').at(-1)).toMatchObject({ done: 5, total: 5 });
  expect(stderr).toContain(runId as string);
});

test('for people the summary says the figures and where the history is, without colours or a bar', async () => {
  await using place = await createPlace();
  const fleet = await place.fleet('quick', [{ name: 'echoes', command: ['echo', 'hello'] }]);
  const { code, stdout, stderr } = await flotilla(['run', fleet, '--data-dir', place.dataDir]);
  expect(code).toBe(0);
  for (const word of ['agents', 'tool calls', 'lost', 'tokens', 'cost', 'p99', 'peak memory', place.dataDir]) {
    expect(stdout).toContain(word);
  }
  expect(stdout + stderr).not.toContain('\u001b');
});

test('failed agents are told, counted, and make exit 1', async () => {
  await using place = await createPlace();
  const fleet = await place.fleet('mixed', [
    { name: 'good', command: ['true'] },
    { name: 'bad', command: ['false'] },
  ]);
  const { code, stdout, stderr } = await flotilla(['run', fleet, '--json', '--data-dir', place.dataDir]);
  const lines = linesOf(stdout);
  expect(code).toBe(1);
  expect(lines.at(-1)).toMatchObject({ type: 'run.finished', state: 'done', failed: 1 });
  expect(stderr).toContain('bad failed');
  expect(stderr).toContain('--only failed');
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s stops the run cleanly, keeps it, and exits 130', async (signal) => {
  await using place = await createPlace();
  const { running, runId } = await startSleeping(place);
  await using _running = running;
  // npm passes the terminal's signal on to its child as well: two at once are one.
  running.kill(signal);
  running.kill(signal);
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(only(linesOf(stdout), 'run.finished')).toMatchObject({ runId, state: 'stopped' });
  expect(stderr).toContain(`--resume ${runId}`);
});

test('a second signal ends at once what does not want to stop', async () => {
  await using place = await createPlace();
  const fleet = await place.fleet('stubborn', [
    { name: 'deaf', command: ['sh', '-c', 'trap "" TERM INT; echo $$ >&2; while :; do sleep 1; done'] },
  ]);
  await using running = start(['run', fleet, '--json', '--data-dir', place.dataDir]);
  await running.says('run.started');
  running.kill('SIGINT');
  await running.says('Stopping cleanly');
  await systemClock.sleep(ANOTHER_SIGNAL_MS);
  running.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
});

test('a reader that closes the pipe stops the run quietly', async () => {
  await using place = await createPlace();
  const { running, runId } = await startSleeping(place);
  await using _running = running;
  running.closeOutput();
  // The next line it says finds the pipe closed; pausing makes it say one.
  await flotilla(['pause', runId, '--data-dir', place.dataDir]);
  const { code, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
});

test('a second run joins the instance, and its Ctrl-C stops only that run', async () => {
  await using place = await createPlace();
  const { running: first, runId } = await startSleeping(place, 'first');
  await using _first = first;
  const { running: second, runId: other } = await startSleeping(place, 'second');
  await using _second = second;
  const status = linesOf((await flotilla(['status', '--json', '--data-dir', place.dataDir])).stdout);
  expect(only(status, 'instance')).toMatchObject({ pid: first.pid, liveRuns: 2 });
  expect(status.filter((line) => line.type === 'lane').map((line) => line['name'])).toEqual(
    expect.arrayContaining(['io', 'cpu', 'process']),
  );
  second.kill('SIGINT');
  const end = await second.ended;
  expect([end.code, only(linesOf(end.stdout), 'run.finished')['state']]).toEqual([130, 'stopped']);
  expect(isAlive(first.pid)).toBe(true);
  const stopped = await flotilla(['stop', runId, '--json', '--data-dir', place.dataDir]);
  expect(linesOf(stopped.stdout)).toEqual([{ type: 'run', runId, state: 'stopped' }]);
  expect((await first.ended).code).toBe(130);
  expect(other).not.toBe(runId);
});

test('a run of another terminal is not taken along when the owner’s own run ends', async () => {
  await using place = await createPlace();
  const { running: owner, runId } = await startSleeping(place, 'owner');
  await using _owner = owner;
  const { running: guest, runId: guestRun } = await startSleeping(place, 'guest');
  await using _guest = guest;
  expect((await flotilla(['stop', runId, '--data-dir', place.dataDir])).code).toBe(0);
  await owner.says('of other terminals');
  expect(isAlive(guest.pid)).toBe(true);
  expect((await flotilla(['stop', guestRun, '--data-dir', place.dataDir])).code).toBe(0);
  expect((await guest.ended).code).toBe(130);
  expect((await owner.ended).code).toBe(130);
});

test('pause, resume, settings and stop --all reach a live run', async () => {
  await using place = await createPlace();
  const there = ['--json', '--data-dir', place.dataDir];
  const { running, runId } = await startSleeping(place);
  await using _running = running;
  expect(linesOf((await flotilla(['pause', runId.toLowerCase(), ...there])).stdout)).toEqual([
    { type: 'run', runId, state: 'paused' },
  ]);
  expect(linesOf((await flotilla(['resume', runId, ...there])).stdout)).toEqual([
    { type: 'run', runId, state: 'running' },
  ]);
  expect((await flotilla(['settings', 'set', 'process.maxRunning', '9', ...there])).code).toBe(0);
  const status = linesOf((await flotilla(['status', ...there])).stdout);
  expect(status.find((line) => line['name'] === 'process')).toMatchObject({ type: 'lane', max: 9, running: 1 });
  expect((await flotilla(['settings', 'set', 'process.maxRunning', '0', ...there])).code).toBe(3);
  const all = await flotilla(['stop', '--all', ...there]);
  expect(linesOf(all.stdout)).toEqual([{ type: 'run', runId, state: 'stopped' }]);
  expect((await running.ended).code).toBe(130);
});

test('an owner that was killed leaves the directory usable, and its run can be continued', async () => {
  await using place = await createPlace();
  const { running, runId } = await startSleeping(place);
  await using _running = running;
  running.kill('SIGKILL');
  await running.ended;
  const status = await flotilla(['status', '--json', '--data-dir', place.dataDir]);
  expect([status.code, status.stdout]).toEqual([0, '']);
  const quick = await place.fleet('sleepy', [{ name: 'sleeper', command: ['echo', 'awake'] }]);
  const { code, stdout } = await flotilla(['run', quick, '--resume', runId, '--json', '--data-dir', place.dataDir]);
  expect(only(linesOf(stdout), 'run.finished')).toMatchObject({ runId, state: 'done' });
  expect(code).toBe(0);
});

test('two that start at the same moment become one owner and one guest', async () => {
  await using place = await createPlace();
  const fleet = await place.fleet('quick', [{ name: 'echoes', command: ['sleep', '1'] }]);
  const ends = await Promise.all([1, 2, 3].map(() => flotilla(['run', fleet, '--json', '--data-dir', place.dataDir])));
  expect(ends.map(({ code, stderr }) => [code, stderr.includes('Joined')])).toEqual(
    expect.arrayContaining([
      [0, false],
      [0, true],
    ]),
  );
  expect(ends.every(({ code }) => code === 0)).toBe(true);
});

test('a budget that is used up pauses the run with exit 2, and a raised one lets it go on', async () => {
  await using place = await createPlace();
  const there = ['--json', '--data-dir', place.dataDir];
  const example = fileURLToPath(new URL('../../../examples/sample-survey.yaml', import.meta.url));
  const first = await flotilla(['run', example, '--set', 'budget.tokens=10', ...there]);
  const { runId, state } = only(linesOf(first.stdout), 'run.finished');
  expect([first.code, state]).toEqual([2, 'paused']);
  expect(first.stderr).toContain(`run --resume ${String(runId)} --set budget.tokens=`);
  const second = await flotilla(['run', '--resume', String(runId), '--set', 'budget.tokens=100000000', ...there]);
  expect([second.code, only(linesOf(second.stdout), 'run.finished')]).toMatchObject([
    0,
    { runId, state: 'done', lost: 0 },
  ]);
});
