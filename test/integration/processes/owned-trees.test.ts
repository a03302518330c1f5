import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ProcessSpec, RunningProcess } from '../../../runtime/processes/owned-process.ts';
import { openProcesses } from '../../../runtime/processes/processes.ts';
import { systemClock, type Clock } from '../../../runtime/time/clock.ts';
import {
  commandsWith,
  findMarked,
  isAlive,
  launchersOf,
  MARK_NAME,
  noneMarked,
  rssBytesOf,
} from '../../support/marked-processes.ts';

const programs = fileURLToPath(new URL('../../fixtures/programs', import.meta.url));

let marks = 0;

/** Can be made to run a hundred times as fast, so that minutes of patience pass in a moment; a start still gets its time. */
function createHastyClock(): Clock & { hurry(isHasty: boolean): void } {
  let factor = 1;
  let sinceMs = systemClock.monoMs();
  let shownMs = sinceMs;
  const monoMs = (): number => shownMs + (systemClock.monoMs() - sinceMs) * factor;
  return {
    ...systemClock,
    monoMs,
    after: (ms, fire) => systemClock.after(ms / factor, fire),
    hurry(isHasty) {
      shownMs = monoMs();
      sinceMs = systemClock.monoMs();
      factor = isHasty ? 100 : 1;
    },
  };
}

function openTrees(clock: Clock = systemClock) {
  const mark = `trees-${process.pid}-${(marks += 1)}`;
  const environment = { PATH: process.env['PATH'] ?? '', [MARK_NAME]: mark };
  const processes = openProcesses({ clock });
  const common = { directory: '/', environment, maxOutputBytes: 100_000, stopGraceMs: 500 };
  const toSpec = (command: string[], more: Partial<ProcessSpec> = {}): ProcessSpec => ({ ...common, command, ...more });
  return { mark, processes, toSpec, [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose]() };
}

/** A shell line that is told to have begun by its first output. */
function startedBy(onReady: () => void): Partial<ProcessSpec> {
  return { onOutput: (text) => (text.includes('ready') ? onReady() : undefined) };
}

test('when the process that hosts it is killed, nothing of its trees stays alive', async () => {
  const mark = `host-${process.pid}`;
  const host = spawn(process.execPath, [`${programs}/hosts-processes.ts`, mark, programs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(host.stdout, 'data');
  const [launcher] = launchersOf(host.pid!);
  expect(findMarked(mark).length).toBeGreaterThanOrEqual(6);
  host.kill('SIGKILL');
  await once(host, 'exit');
  await noneMarked(mark, 10_000);
  await expect.poll(() => isAlive(launcher!), { timeout: 5_000 }).toBe(false);
});

test('when the launcher is killed, its programs are stopped, their starters told, and the next start works', async () => {
  await using trees = openTrees();
  const { processes, toSpec } = trees;
  const ready = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const stubborn = processes.start(toSpec([`${programs}/ignores-sigterm.sh`], startedBy(ready[0].resolve)));
  const daemon = processes.start(
    toSpec(
      ['sh', '-c', '(setsid sleep 600 </dev/null >/dev/null 2>&1 &); echo ready; sleep 600'],
      startedBy(ready[1].resolve),
    ),
  );
  await Promise.all(ready.map((one) => one.promise));
  const [launcher] = launchersOf(process.pid);
  process.kill(launcher!, 'SIGKILL');
  await expect(stubborn.result).rejects.toMatchObject({ code: 'LAUNCHER_LOST', retryable: true });
  await expect(daemon.result).rejects.toMatchObject({ code: 'LAUNCHER_LOST' });
  expect(findMarked(trees.mark)).toEqual([]);
  expect(await processes.run(toSpec(['echo', 'again']))).toMatchObject({ stdout: 'again\n', exitCode: 0 });
});

test('a launcher that hangs is given up: its programs are stopped and the next start works', async () => {
  const clock = createHastyClock();
  await using trees = openTrees(clock);
  const { processes, toSpec } = trees;
  const sleeper = processes.start(toSpec(['sleep', '600']));
  await sleeper.pid;
  const [launcher] = launchersOf(process.pid);
  process.kill(launcher!, 'SIGSTOP');
  clock.hurry(true);
  await expect(sleeper.stop()).rejects.toMatchObject({ code: 'LAUNCHER_LOST' });
  clock.hurry(false);
  expect(findMarked(trees.mark)).toEqual([]);
  expect(isAlive(launcher!)).toBe(false);
  expect(await processes.run(toSpec(['echo', 'again']))).toMatchObject({ stdout: 'again\n' });
});

test('a program started while a lost launcher is swept away is left alone', async () => {
  await using trees = openTrees();
  const { processes, toSpec } = trees;
  const ready = Promise.withResolvers<void>();
  const stubborn = processes.start(
    toSpec([`${programs}/ignores-sigterm.sh`], { stopGraceMs: 2_000, ...startedBy(ready.resolve) }),
  );
  await ready.promise;
  const [launcher] = launchersOf(process.pid);
  process.kill(launcher!, 'SIGKILL');
  // Those started before the loss is noticed are lost too; one of them begins while the stubborn one is waited for.
  let isSwept = false;
  const lost = stubborn.result.catch((error: unknown) => error).finally(() => (isSwept = true));
  const startOne = () => processes.start(toSpec(['sh', '-c', 'sleep 1; echo done']));
  const hasBegun = async (running: RunningProcess): Promise<boolean> =>
    (await Promise.race([running.pid, sleep(200).then(() => 0)])) > 0;
  let later = startOne();
  while (!(await hasBegun(later))) later = startOne();
  expect(isSwept).toBe(false);
  expect(await lost).toMatchObject({ code: 'LAUNCHER_LOST' });
  expect(await later.result).toMatchObject({ stdout: 'done\n', exitCode: 0, ended: 'by itself' });
});

test('closing stops everything that runs, also what refuses, and takes no more', async () => {
  const trees = openTrees();
  const { processes, toSpec, mark } = trees;
  const ready = Promise.withResolvers<void>();
  const stubborn = processes.start(toSpec([`${programs}/ignores-sigterm.sh`], startedBy(ready.resolve)));
  const sleeper = processes.start(toSpec(['sleep', '600']));
  await Promise.all([ready.promise, sleeper.pid]);
  expect((await processes.alive()).map(({ command }) => command)).toContain('sleep 600');
  await trees[Symbol.asyncDispose]();
  expect(findMarked(mark)).toEqual([]);
  expect(launchersOf(process.pid)).toEqual([]);
  expect(await stubborn.result).toMatchObject({ ended: 'cancelled', signal: 'SIGKILL' });
  expect(await sleeper.result).toMatchObject({ ended: 'cancelled', signal: 'SIGTERM' });
  await expect(processes.run(toSpec(['true']))).rejects.toMatchObject({ code: 'LANE_CLOSED' });
});

test('a helper that reads its standard input ends when it is stopped, and sees the end of it', async () => {
  await using trees = openTrees();
  const { processes, toSpec } = trees;
  const ready = Promise.withResolvers<void>();
  const helper = processes.start(
    toSpec(['sh', '-c', 'trap "" TERM; echo ready; cat; echo closed'], {
      keepInputOpen: true,
      ...startedBy(ready.resolve),
    }),
  );
  await ready.promise;
  expect(isAlive(await helper.pid)).toBe(true);
  const result = await helper.stop();
  expect(result).toMatchObject({ ended: 'cancelled', exitCode: 0 });
  expect(result.stdout).toBe('ready\nclosed\n');
  expect(await helper.stop()).toBe(result);
});

test('a member that left its group and dropped its environment is ended when it was seen once', async () => {
  await using trees = openTrees();
  const { processes, toSpec } = trees;
  const marker = `sleep 600.${process.pid}`;
  const result = await processes.run(
    toSpec(['sh', '-c', `env -i setsid ${marker} </dev/null >/dev/null 2>&1 & sleep 2; echo done`]),
  );
  expect(result).toMatchObject({ stdout: 'done\n', strayCount: 1 });
  expect(result.peakRssBytes).toBeGreaterThan(0);
});

test('a daemon that left no trace but its limits is ended when no program runs any more', async () => {
  await using trees = openTrees();
  const seconds = `600.${process.pid}1`;
  const script = `(env -i setsid sleep ${seconds} </dev/null >/dev/null 2>&1 &); sleep 0.1`;
  expect(await trees.processes.run(trees.toSpec(['sh', '-c', script]))).toMatchObject({ exitCode: 0 });
  await expect.poll(() => commandsWith(seconds), { timeout: 5_000 }).toEqual([]);
});

test('a stranger that holds the outputs of a program that has ended does not hold up its result', async () => {
  await using trees = openTrees();
  const seconds = `600.${process.pid}3`;
  const result = await trees.processes.run(
    trees.toSpec(['sh', '-c', `(env -i setsid sleep ${seconds} &); sleep 0.1; echo done`]),
  );
  expect(result).toMatchObject({ stdout: 'done\n', exitCode: 0, ended: 'by itself' });
  await expect.poll(() => commandsWith(seconds), { timeout: 5_000 }).toEqual([]);
});

test('closing ends a daemon that left no trace but its limits, also when its launcher is gone', async () => {
  const trees = openTrees();
  const seconds = `600.${process.pid}2`;
  const script = `(env -i setsid sleep ${seconds} </dev/null >/dev/null 2>&1 &); sleep 0.1`;
  await trees.processes.run(trees.toSpec(['sh', '-c', script]));
  process.kill(launchersOf(process.pid)[0]!, 'SIGKILL');
  await trees[Symbol.asyncDispose]();
  expect(commandsWith(seconds)).toEqual([]);
});

test('a program that was halted is stopped all the same', async () => {
  await using trees = openTrees();
  const sleeper = trees.processes.start(trees.toSpec(['sleep', '600'], { stopGraceMs: 5_000 }));
  process.kill(await sleeper.pid, 'SIGSTOP');
  expect(await sleeper.stop()).toMatchObject({ signal: 'SIGTERM' });
});

test('a program that forks without end is ended with everything it forked', async () => {
  await using trees = openTrees();
  const ready = Promise.withResolvers<void>();
  const forking =
    'trap "" TERM; echo ready; n=0; while [ $n -lt 40 ]; do setsid sleep 600 & n=$((n+1)); sleep 0.01; done; wait';
  const running = trees.processes.start(
    trees.toSpec(['sh', '-c', forking], { stopGraceMs: 100, ...startedBy(ready.resolve) }),
  );
  await ready.promise;
  expect(await running.stop()).toMatchObject({ ended: 'cancelled' });
  expect(findMarked(trees.mark)).toEqual([]);
});

test('output arrives while the program runs, and a character split between two writes is whole', async () => {
  await using trees = openTrees();
  const pieces: string[] = [];
  const script = `printf 'a\\360\\237'; sleep 0.1; printf '\\232\\242b\\377'`;
  const result = await trees.processes.run(
    trees.toSpec(['sh', '-c', script], { onOutput: (text) => pieces.push(text) }),
  );
  expect(result.stdout).toBe('a🚢b\uFFFD');
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.join('')).toBe(result.stdout);
});

test('what programs wrote before they ended is whole when main was too busy to read it', async () => {
  await using trees = openTrees();
  const script = `head -c 30000 /dev/zero | tr '\\0' o; head -c 30000 /dev/zero | tr '\\0' e >&2`;
  const runs = Array.from({ length: 40 }, () => trees.processes.start(trees.toSpec(['sh', '-c', script])));
  await runs[0]!.pid;
  beBusy(3_000);
  for (const { result } of runs) {
    expect(await result).toMatchObject({ stdout: 'o'.repeat(30_000), stderr: 'e'.repeat(30_000) });
  }
});

test('while main does not read, the launcher does not collect what programs write', async () => {
  await using trees = openTrees();
  const length = 20_000_000;
  const script = `head -c ${length} /dev/zero | tr '\\0' o`;
  const runs = Array.from({ length: 8 }, () =>
    trees.processes.start(trees.toSpec(['sh', '-c', script], { maxOutputBytes: length })),
  );
  await Promise.all(runs.map(({ pid }) => pid));
  const [launcher] = launchersOf(process.pid);
  beBusy(1_000);
  const before = rssBytesOf(launcher!);
  beBusy(1_000);
  expect(rssBytesOf(launcher!) - before).toBeLessThan(10_000_000);
  expect(before).toBeLessThan(160_000_000);
  for (const { result } of runs) expect((await result).stdout.length).toBe(length);
});

/** Holds up the event loop, as a program under load does. */
function beBusy(ms: number): void {
  const until = Date.now() + ms;
  while (Date.now() < until);
}

test('a program that is cancelled before it starts does not start', async () => {
  await using trees = openTrees();
  const running = trees.processes.start(trees.toSpec(['sleep', '600'], { signal: AbortSignal.abort() }));
  await expect(running.pid).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  expect(await running.result).toMatchObject({ ended: 'cancelled', exitCode: undefined });
});

test('a Flotilla inside a program of a Flotilla belongs to both', async () => {
  await using trees = openTrees();
  const mark = `inner-${process.pid}`;
  const command = [process.execPath, `${programs}/hosts-processes.ts`, mark, programs];
  const ready = Promise.withResolvers<void>();
  const inner = trees.processes.start(trees.toSpec(command, startedBy(ready.resolve)));
  await ready.promise;
  expect((await trees.processes.alive()).length).toBeGreaterThanOrEqual(7);
  await inner.stop();
  expect(findMarked(mark)).toEqual([]);
});

test.each(['', 'no/such/../program', 'relative-folder'])('what cannot start is refused: %j', async (bad) => {
  await using trees = openTrees();
  const spec = bad === 'relative-folder' ? trees.toSpec(['true'], { directory: bad }) : trees.toSpec([bad]);
  const running = trees.processes.start(spec);
  const code = bad === 'no/such/../program' ? 'PROGRAM_NOT_FOUND' : 'INPUT_INVALID';
  await expect(running.result).rejects.toMatchObject({ code });
  await expect(running.pid).rejects.toMatchObject({ code });
});
