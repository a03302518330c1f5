import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../../../runtime/time/clock.ts';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import { fleetOf, openModelServer } from './model-server.ts';
import type { Observations } from './observation.ts';
import { toolOf } from './own-tools.ts';
import { until } from './until.ts';

/** A new value is kept for the next start and changes nothing before it. */
async function setAndRestart(test: TestPlane, values: SettingValues): Promise<void> {
  await test.set(values);
  await test.restart();
}

/** Records `count` facts at once. */
function recordFacts(test: TestPlane, count: number, chars = 10): void {
  const { sink } = test.plane.history;
  const text = 'x'.repeat(chars);
  for (let n = 0; n < count; n++)
    sink.emit({ type: 'notice', runId: 'observed', atMs: systemClock.nowMs(), level: 'info', text });
}

/** What is recorded of calls with an output and arguments of 5,000 bytes each, a run for each value. */
async function observeOutput(): Promise<void> {
  const long = toolOf('long', z.strictObject({ text: z.string() }), async () => 'x'.repeat(5_000));
  await using model = await openModelServer(({ toolOutputs, call, say }) =>
    toolOutputs.length === 0 ? call('long', { text: 'y'.repeat(5_000) }) : say('Done.'),
  );
  await using test = await openTestPlane({ 'history.maxOutputBytes': 1_000 }, [long]);
  const recorded = async (): Promise<readonly number[]> => {
    const run = await test.launch(fleetOf(model, { tools: ['long'] }));
    await run.settled;
    await test.plane.history.flush();
    const lengths: number[] = [];
    for await (const call of test.plane.history.reader.toolCalls(run.runId)) {
      lengths.push(call.output?.match(/xx+/)?.[0].length ?? 0, call.arguments.match(/yy+/)?.[0].length ?? 0);
    }
    return lengths;
  };
  const cut = [1_000, 1_000 - '{"text":"'.length];
  expect(await recorded()).toEqual(cut);
  await test.set({ 'history.maxOutputBytes': 8_000 });
  expect(await recorded()).toEqual(cut);
  await test.restart();
  expect(await recorded()).toEqual([5_000, 5_000]);
}

/** Whether a fact is durable before a time that begins with it is over. */
async function isDurableWithin(test: TestPlane, ms: number): Promise<boolean> {
  const { history } = test.plane;
  await history.flush();
  const before = history.stats().written;
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(), ms);
  recordFacts(test, 1);
  while (history.stats().written === before && !time.signal.aborted) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  clearTimeout(timer);
  return !time.signal.aborted;
}

/** Of facts that are recorded one after the other. Others (figures of each second) may take one with them. */
async function observeFlush(): Promise<void> {
  await using test = await openTestPlane({ 'history.flushMs': 100 });
  let soon = 0;
  for (let n = 0; n < 12; n++) soon += Number(await isDurableWithin(test, 40));
  expect(soon).toBeLessThanOrEqual(5);
  await setAndRestart(test, { 'history.flushMs': 1 });
  soon = 0;
  // However slow the machine is at times.
  for (let n = 0; n < 200 && soon < 6; n++) soon += Number(await isDurableWithin(test, 40));
  expect(soon).toBe(6);
}

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** Transactions in the write-ahead log: frames that end one, see "WAL File Format" of SQLite. */
function transactionsIn(test: TestPlane): number {
  const log = readFileSync(join(test.dataDir, 'history.sqlite-wal'));
  if (log.length === 0) return 0;
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(8);
  const salt = log.readBigUInt64BE(16);
  let count = 0;
  for (let at = WAL_HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    // From here on it is what an earlier round of the log has left.
    if (log.readBigUInt64BE(at + 8) !== salt) break;
    if (log.readUInt32BE(at + 4) > 0) count++;
  }
  return count;
}

/** How many transactions 400 facts take that come at once. */
async function transactionsOf400(test: TestPlane): Promise<number> {
  await test.plane.history.flush();
  const before = transactionsIn(test);
  recordFacts(test, 400);
  await test.plane.history.flush();
  return transactionsIn(test) - before;
}

async function observeBatch(): Promise<void> {
  await using test = await openTestPlane({ 'history.batchRecords': 10 });
  // The word index has its own, now and then.
  expect(await transactionsOf400(test)).toBeGreaterThanOrEqual(40);
  await setAndRestart(test, { 'history.batchRecords': 400 });
  expect(await transactionsOf400(test)).toBeLessThan(20);
}

/** Whether figures are left out while `facts` wait, and whether more work is held back. */
async function pressureOf(test: TestPlane, facts: number) {
  const { history } = test.plane;
  await history.flush();
  recordFacts(test, facts);
  const before = history.stats().sampledOut;
  for (let n = 0; n < 100; n++) history.sink.emit({ type: 'metric.frame', atMs: systemClock.nowMs(), values: {} });
  const room = history.sink.room();
  const pressure = { isHeldBack: room !== undefined, leftOut: history.stats().sampledOut - before };
  const written = history.stats().written;
  await history.flush();
  // Nothing but figures is ever left out.
  expect(history.stats().written - written).toBeGreaterThanOrEqual(facts + 100 - pressure.leftOut);
  await room;
  return pressure;
}

async function observeBuffer(): Promise<void> {
  await using test = await openTestPlane({ 'history.bufferRecords': 1_000 });
  expect(await pressureOf(test, 2_000)).toEqual({ isHeldBack: true, leftOut: 90 });
  await setAndRestart(test, { 'history.bufferRecords': 100_000 });
  expect(await pressureOf(test, 2_000)).toMatchObject({ leftOut: 0 });
}

const MIB = 2 ** 20;

function walBytes(test: TestPlane): number {
  return statSync(join(test.dataDir, 'history.sqlite-wal')).size;
}

/** Records 5 MiB, less than makes the log fold back by itself. */
async function record5MiB(test: TestPlane): Promise<void> {
  for (let n = 0; n < 20; n++) {
    recordFacts(test, 16, 16_384);
    await test.plane.history.flush();
  }
}

async function observeLog(): Promise<void> {
  await using test = await openTestPlane({ 'history.walMaxBytes': 64 * MIB });
  await record5MiB(test);
  expect(walBytes(test)).toBeGreaterThan(4 * MIB);
  await setAndRestart(test, { 'history.walMaxBytes': MIB });
  await record5MiB(test);
  await until(() => expect(walBytes(test)).toBeLessThanOrEqual(MIB));
}

export const historyObservations: Observations<'history'> = {
  'history.flushMs': observeFlush,
  'history.batchRecords': observeBatch,
  'history.bufferRecords': observeBuffer,
  'history.walMaxBytes': observeLog,
  'history.maxOutputBytes': observeOutput,
};
