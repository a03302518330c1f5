import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { openCallLedger } from '../../../runtime/tools/call-ledger.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { openTemporaryFolder } from '../../support/tool-bench.ts';

test('every call is a line, in order, after what was there', async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, 'calls.log');
  await writeFile(path, '0-1\n');
  {
    await using ledger = await openCallLedger(path, systemClock);
    for (let n = 2; n <= 50_000; n++) ledger.write(`0-${n}`);
  }
  const lines = (await readFile(path, 'latin1')).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines).toEqual(Array.from({ length: 50_000 }, (_, i) => `0-${i + 1}`));
});

test('what was written is in the file before 100 ms have passed, without closing it', async () => {
  await using folder = await openTemporaryFolder();
  const clock = manualClock();
  const path = join(folder.path, 'calls.log');
  await using ledger = await openCallLedger(path, clock);
  ledger.write('3-1');
  expect((await stat(path)).size).toBe(0);
  await clock.advance(99);
  await expect.poll(() => readFile(path, 'latin1')).toBe('3-1\n');
  ledger.write('3-2');
  await clock.advance(99);
  await expect.poll(() => readFile(path, 'latin1')).toBe('3-1\n3-2\n');
});

test('600,000 calls that never let the event loop turn are all there', async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, 'calls.log');
  {
    await using ledger = await openCallLedger(path, systemClock);
    for (let n = 0; n < 600_000; n++) ledger.write(`12-${n}`);
  }
  const lines = (await readFile(path, 'latin1')).trimEnd().split('\n');
  expect(lines.length).toBe(600_000);
  expect(new Set(lines).size).toBe(600_000);
});

test.skipIf(process.platform !== 'linux')(
  'a full disk is told once, and closing says that lines are missing',
  async () => {
    const failures: AppError[] = [];
    const clock = manualClock();
    const ledger = await openCallLedger('/dev/full', clock, { onFailure: (error) => void failures.push(error) });
    ledger.write('0-1');
    await clock.advance(60);
    await expect.poll(() => failures.length).toBe(1);
    ledger.write('0-2');
    await clock.advance(60);
    await expect(ledger[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(failures).toEqual([
      expect.objectContaining({ code: 'DISK_FULL', message: expect.stringContaining('make some') }),
    ]);
  },
);

test('a ledger that cannot be opened says so', async () => {
  await using folder = await openTemporaryFolder();
  await expect(openCallLedger(join(folder.path, 'no', 'calls.log'), systemClock)).rejects.toMatchObject({
    code: 'DATA_DIR_READ_ONLY',
  });
});
