import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHistory } from '../../main/history/open-history.ts';
import { openHistoryReader } from '../../main/history/reader/open-reader.ts';
import { openForWriting } from '../../main/history/store/database.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import type { ErrorData } from '../../shared/errors/app-error.ts';
import { call, ended, launched, RUN, temporaryDirectory } from '../support/history-events.ts';

/** Mounts over `path` until disposed of; `undefined` where this machine does not let us. */
function mount(path: string, ...options: string[]): Disposable | undefined {
  try {
    execFileSync('mount', [...options, path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', path], { stdio: 'ignore' }) };
}

const open = (dataDir: string, onTrouble?: (trouble: ErrorData | undefined) => void) =>
  openHistory({ dataDir, clock: systemClock, onTrouble });

test('a disk that fills holds work back with a sentence, and when there is room again nothing is missing', async ({
  skip,
}) => {
  using directory = temporaryDirectory();
  const dataDir = join(directory.path, 'small');
  mkdirSync(dataDir);
  using mounted = mount(dataDir, '-t', 'tmpfs', '-o', 'size=6m', 'tmpfs');
  skip(mounted === undefined, 'This machine does not let the test mount a small disk.');
  const ballast = join(dataDir, 'ballast');
  writeFileSync(ballast, Buffer.alloc(4 * 2 ** 20));
  const troubles: (ErrorData | undefined)[] = [];
  const inTrouble = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  await using history = await open(dataDir, (trouble) => {
    troubles.push(trouble);
    (trouble ? inTrouble : over).resolve();
  });
  for (const event of launched(1)) history.sink.emit(event);
  let emitted = 0;
  while (history.stats().trouble === undefined) {
    for (let count = 0; count < 20; count++) history.sink.emit(call(0, ++emitted, { output: 'x'.repeat(2_000) }));
    const room = history.sink.room();
    await Promise.race([room ?? history.flush(), inTrouble.promise]);
  }
  expect(troubles[0]).toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('free some space') });
  expect(history.sink.room()).toBeInstanceOf(Promise);
  history.sink.emit(call(0, ++emitted, { output: 'the last one' }));
  rmSync(ballast);
  await over.promise;
  await history.flush();
  const seen: number[] = [];
  for await (const record of history.reader.toolCalls(RUN)) seen.push(record.call);
  expect(seen).toEqual(Array.from({ length: emitted }, (_, n) => n + 1));
  expect(await history.reader.verify()).toEqual([]);
});

test('a directory that cannot be written is refused with the way out, by writer and reader', async ({ skip }) => {
  using directory = temporaryDirectory();
  {
    await using history = await open(directory.path);
    for (const event of [...launched(1), ...ended(1)]) history.sink.emit(event);
  }
  using bound = mount(directory.path, '--bind', directory.path);
  skip(bound === undefined, 'This machine does not let the test mount.');
  execFileSync('mount', ['-o', 'remount,ro,bind', directory.path]);
  await expect(open(directory.path)).rejects.toMatchObject({
    code: 'DATA_DIR_READ_ONLY',
    message: expect.stringContaining('--data-dir'),
  });
  await using reader = await openHistoryReader({ dataDir: directory.path });
  await expect(reader.listRuns()).rejects.toMatchObject({ code: 'DATA_DIR_READ_ONLY' });
});

test('a file in the place of the directory is refused with the way out', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'file');
  writeFileSync(path, 'here');
  await expect(open(path)).rejects.toMatchObject({ code: 'DATA_DIR_READ_ONLY' });
  await expect(open(join(path, 'below'))).rejects.toMatchObject({ code: 'DATA_DIR_READ_ONLY' });
});

test('a database that another program holds is refused at the start and waited for in the middle', async () => {
  using directory = temporaryDirectory();
  const holder = openForWriting(directory.path);
  holder.exec('BEGIN EXCLUSIVE');
  await expect(open(directory.path)).rejects.toMatchObject({ code: 'HISTORY_LOCKED', retryable: true });
  holder.exec('ROLLBACK');
  const held = Promise.withResolvers<ErrorData>();
  const free = Promise.withResolvers<void>();
  await using history = await open(directory.path, (trouble) => (trouble ? held.resolve(trouble) : free.resolve()));
  holder.exec('BEGIN IMMEDIATE');
  for (const event of [...launched(1), call(0, 1)]) history.sink.emit(event);
  const flushed = history.flush();
  expect(await held.promise).toMatchObject({ code: 'HISTORY_LOCKED' });
  holder.exec('ROLLBACK');
  await flushed;
  await free.promise;
  expect((await history.reader.getRun(RUN)).toolCalls).toBe(1);
  holder.close();
});

test('a file that is no database is refused and stays as it is', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'history.sqlite');
  const garbage = Buffer.alloc(10_000, 'not a database ');
  writeFileSync(path, garbage);
  await expect(open(directory.path)).rejects.toMatchObject({ code: 'HISTORY_DAMAGED' });
  await using reader = await openHistoryReader({ dataDir: directory.path });
  await expect(reader.listRuns()).rejects.toMatchObject({ code: 'HISTORY_DAMAGED' });
  expect(readFileSync(path).equals(garbage)).toBe(true);
});

test('a failure that nobody expected is told at once to everyone who waits, with an incident, and nothing hangs', async () => {
  using directory = temporaryDirectory();
  const told = Promise.withResolvers<readonly [ErrorData | undefined, Error | undefined]>();
  const history = await openHistory({
    dataDir: directory.path,
    clock: systemClock,
    onTrouble: (trouble, cause) => told.resolve([trouble, cause]),
  });
  for (const event of launched(1)) history.sink.emit(event);
  await history.flush();
  const foreign = openForWriting(directory.path);
  foreign.exec('DROP TABLE tool_calls');
  foreign.close();
  for (let n = 1; n <= 20_000; n++) history.sink.emit(call(0, n));
  const room = history.sink.room();
  const flushed = history.flush();
  await expect(room).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(flushed).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('tool_calls') });
  const [trouble, cause] = await told.promise;
  expect(trouble).toMatchObject({ code: 'INTERNAL', details: { incidentId: expect.stringMatching(/^[0-9A-Z]{26}$/) } });
  expect(cause).toBeInstanceOf(Error);
  await expect(history.sink.room()).rejects.toMatchObject({ code: 'INTERNAL' });
  history.sink.emit(call(0, 20_001));
  expect(history.stats().trouble).toMatchObject({ code: 'INTERNAL' });
  await expect(history[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'INTERNAL' });
});
