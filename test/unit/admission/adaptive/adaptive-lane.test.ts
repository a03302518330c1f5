import { expect, test } from 'vitest';
import { openGate, type Gate } from '../../../../runtime/admission/gate.ts';
import { manualClock, type ManualClock } from '../../../support/manual-clock.ts';

const BASE_MS = 20;

interface Load {
  readonly clock: ManualClock;
  readonly gate: Gate;
  /** What the other side can do at once without a queue of its own. */
  capacity: number;
  isBroken: boolean;
  /** The most that ran at once since it was last set. */
  most: number;
}

/** Callers that never tire, on a lane that adapts between 2 and 200. */
function loadedLane(): Load {
  const clock = manualClock();
  const lanes = { io: { minRunning: 2, maxRunning: 200, queueCapacity: 1_000 } };
  const load: Load = { clock, gate: openGate({ lanes, clock }), capacity: 20, isBroken: false, most: 0 };
  let running = 0;
  const work = async (): Promise<void> => {
    running++;
    load.most = Math.max(load.most, running);
    const isBroken = load.isBroken;
    await clock.sleep(BASE_MS * Math.max(1, running / load.capacity));
    running--;
    if (isBroken) throw new Error('overloaded');
  };
  const caller = (): void => {
    // A gate that closes refuses its callers, and they go.
    load.gate.submit('io', work).then(caller, (error: unknown) => {
      if (error instanceof Error && error.message === 'overloaded') caller();
    });
  };
  for (let index = 0; index < 300; index++) caller();
  return load;
}

function limitOf({ gate }: Load): number {
  return gate.stats()[0]!.maxRunning;
}

async function close({ gate, clock }: Load): Promise<void> {
  const closed = gate[Symbol.asyncDispose]();
  await clock.advance(10_000);
  await closed;
}

test('a lane finds how many may run at once by itself, and cuts that when work fails', async () => {
  const load = loadedLane();
  expect(limitOf(load)).toBe(2);
  await load.clock.advance(20_000);
  load.most = 0;
  await load.clock.advance(5_000);
  expect(load.most).toBeGreaterThanOrEqual(19);
  expect(load.most).toBeLessThanOrEqual(34);
  load.isBroken = true;
  await load.clock.advance(5_000);
  expect(limitOf(load)).toBe(2);
  await close(load);
});

test('its bounds change while it runs, and without a lower one the upper one holds', async () => {
  const load = loadedLane();
  await load.clock.advance(20_000);
  load.gate.reconfigure('io', { maxRunning: 10 });
  expect(limitOf(load)).toBe(10);
  load.gate.reconfigure('io', { queueCapacity: 2_000 });
  expect(limitOf(load)).toBe(10);
  load.gate.reconfigure('io', { minRunning: undefined, maxRunning: 50 });
  expect(limitOf(load)).toBe(50);
  await load.clock.advance(5_000);
  expect(limitOf(load)).toBe(50);
  expect(() => load.gate.reconfigure('io', { minRunning: 51 })).toThrow(
    expect.objectContaining({ code: 'SETTING_INVALID' }),
  );
  await close(load);
});
