import { openGate, type Admission } from '../../../runtime/admission/gate.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { Submit } from '../loads.ts';
import { PromiseRing } from './promise-ring.ts';

/** How the callers of a load ask for admission: each is an agent of its own, half an hour is the usual limit of a call. */
const DEADLINE_MS = 30 * 60_000;

/** A limiter for `maxRunning` tasks at once, ready for use. */
export type OpenLimiter = (maxRunning: number, callers: number) => Promise<Submit>;

function openLane(maxRunning: number): ReturnType<typeof openGate> {
  return openGate({ lanes: { io: { maxRunning, queueCapacity: 2_000_000 } }, clock: systemClock });
}

/** Everything a user gets, on every call: its agent's place in the turns, a priority and a deadline. */
async function openOurs(maxRunning: number, callers: number): Promise<Submit> {
  const gate = openLane(maxRunning);
  const admissions: readonly Admission[] = Array.from({ length: Math.min(callers, 1_000) }, (_, index) => ({
    owner: `01K9ZWX4T1N8R7Q2M5V6B3C0DE/${index}`,
    priority: 'normal',
    deadlineMs: DEADLINE_MS,
  }));
  return (work, caller) => gate.submit('io', work, admissions[caller % admissions.length]);
}

/** The same lane, the call asking for nothing. */
async function openOursPlain(maxRunning: number): Promise<Submit> {
  const gate = openLane(maxRunning);
  return (work) => gate.submit('io', work);
}

/** https://github.com/sindresorhus/p-limit#usage */
async function openPLimit(maxRunning: number): Promise<Submit> {
  const { default: pLimit } = await import('p-limit');
  const limit = pLimit(maxRunning);
  return (work) => limit(work);
}

/** https://github.com/sindresorhus/p-queue#usage */
async function openPQueue(maxRunning: number): Promise<Submit> {
  const { default: PQueue } = await import('p-queue');
  const queue = new PQueue({ concurrency: maxRunning });
  return (work) => queue.add(work);
}

/** https://caolan.github.io/async/v3/docs.html#queue ; a callback worker, which spares the wrapping of async functions. */
async function openAsyncQueue(maxRunning: number): Promise<Submit> {
  const { default: async } = await import('async');
  // oxlint-disable-next-line promise/no-callback-in-promise -- it is the queue's own interface
  const queue = async.queue<() => Promise<void>>((work, done) => void work().then(() => done(), done), maxRunning);
  return (work) => queue.pushAsync(work);
}

/** https://github.com/mcollina/fastq#usage-promise ; a worker that hands on the promise instead of awaiting it. */
async function openFastq(maxRunning: number): Promise<Submit> {
  const { default: fastq } = await import('fastq');
  const queue = fastq.promise((work: () => Promise<void>) => work(), maxRunning);
  return (work) => queue.push(work);
}

async function openRing(maxRunning: number): Promise<Submit> {
  const ring = new PromiseRing(maxRunning);
  return (work) => ring.submit(work);
}

async function openNothing(): Promise<Submit> {
  return (work) => work();
}

export const OURS = 'ours';
export const OURS_PLAIN = 'ours, nothing asked for';
export const RING = 'bare promise ring';

/** The subjects of every scenario, in the order in which they run. */
export const LIMITERS: Readonly<Record<string, OpenLimiter>> = {
  [OURS]: openOurs,
  [OURS_PLAIN]: openOursPlain,
  'p-limit': openPLimit,
  'p-queue': openPQueue,
  'async.queue': openAsyncQueue,
  'fastq, promises': openFastq,
  [RING]: openRing,
  'no limit': openNothing,
};
