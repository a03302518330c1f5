import { AppError } from '../../../shared/errors/app-error.ts';
import { openGate, type Admission } from '../../../runtime/admission/gate.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { noop } from '../loads.ts';
import type { Measured } from '../section.ts';
import { median } from '../statistics.ts';

/** Operations of each kind that are timed together. */
const BATCH = 1_000;
const BATCHES = 21;
const NS_PER_MS = 1e6;
const STOP = new AppError('TASK_CANCELLED', 'Measured.').toData();

/** What submitting, starting and cancelling cost, in nanoseconds each, while `waitingCount` others wait in the lane. */
export async function measureAtDepth(waitingCount: number): Promise<Measured> {
  await using gate = openGate({
    // Without ageing, which would let some of the others in among the urgent ones that are timed.
    lanes: { io: { maxRunning: 1, queueCapacity: waitingCount + 2 * BATCH, ageingStarts: 1_000_000 } },
    clock: systemClock,
    closeGraceMs: 0,
  });
  const admissions = Array.from({ length: 100 }, (_, index) => ({ owner: `run/${index}`, deadlineMs: 3_600_000 }));
  const submit = (admission: Admission): Promise<unknown> => gate.submit('io', noop, admission).catch(() => {});
  let permit = await gate.acquire('io');
  for (let index = 0; index < waitingCount; index++) void submit(admissions[index % 100]!);
  const nsOf: Record<'submit' | 'cancel' | 'abort' | 'start', number[]> = {
    submit: [],
    cancel: [],
    abort: [],
    start: [],
  };
  const timed = (what: keyof typeof nsOf, startMs: number): void => {
    nsOf[what].push(((performance.now() - startMs) * NS_PER_MS) / BATCH);
  };
  for (let batch = 0; batch < BATCHES; batch++) {
    let startMs = performance.now();
    const cancelled = Array.from({ length: BATCH }, () => submit({ owner: 'cancelled/1', deadlineMs: 3_600_000 }));
    timed('submit', startMs);
    startMs = performance.now();
    gate.cancel('cancelled', STOP);
    timed('cancel', startMs);
    const controllers = Array.from({ length: BATCH }, () => new AbortController());
    const aborted = controllers.map(({ signal }) => submit({ owner: 'aborted/1', signal }));
    startMs = performance.now();
    for (const controller of controllers) controller.abort();
    timed('abort', startMs);
    await Promise.all([...cancelled, ...aborted]);
    // One slot is handed on through the batch, and then to the permit that holds it again.
    const urgent = Array.from({ length: BATCH }, () => submit({ priority: 'high', owner: 'urgent/1' }));
    const next = gate.acquire('io', { priority: 'high', owner: 'urgent/1' });
    startMs = performance.now();
    permit.release();
    permit = await next;
    timed('start', startMs);
    await Promise.all(urgent);
  }
  permit.release();
  return Object.fromEntries(Object.entries(nsOf).map(([what, ns]) => [`${what}Ns`, median(ns)]));
}
