import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openControlPlane } from '../../../main/boot/open-control-plane.ts';
import { openSettings } from '../../../main/settings/open-settings.ts';
import type { Gate } from '../../../runtime/admission/gate.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { RunReport } from '../../../shared/model/run-summary.ts';

/** 20 agents that make 21 calls each, 7 a turn. */
const AGENTS = 20;
const CALLS = AGENTS * 21;

const FLEET = `flotilla: 1
name: counted
workspace: .
model: sim/default
tools: [read_file]
cache: { toolResults: false }
agents:
  - name: reader
    count: ${AGENTS}
    prompt: |
      Call read_file exactly 21 times, 7 at a time, with path \`note.txt\`.
      Report how many lines.
limits: { concurrentAgents: 8, turns: 10, toolCalls: 30, minutes: 1 }
`;

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Runs the fleet on a control plane whose gate is `toGate`'s, and answers what it reports. */
async function reportOf(toGate: (real: Gate) => Gate): Promise<RunReport> {
  const dataDir = await mkdtemp(join(tmpdir(), 'noticed-'));
  await using _files = { [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }) };
  const path = join(dataDir, 'counted.yaml');
  await writeFile(path, FLEET);
  await writeFile(join(dataDir, 'note.txt'), 'one\ntwo\n');
  const settings = await openSettings({ dataDir, environment: {}, clock: systemClock });
  const environment = process.env;
  const options = { dataDir, settings, environment, clock: systemClock, log: quiet };
  await using plane = await openControlPlane(options, { gate: toGate });
  const { run } = await plane.launch({ path, overrides: {} });
  return await plane.report(await run.settled);
}

/** The output of a call that a faulty gate claims to have run. */
const PLAUSIBLE = { text: '1\tone\n2\ttwo' };

/** A gate that is right but for tool calls: of those `fault` decides what becomes of each, counting from 1. */
function faultyGate(real: Gate, fault: (call: number, work: () => unknown) => unknown): Gate {
  let calls = 0;
  const submit: Gate['submit'] = (lane, work, admission) => {
    if (lane !== 'io') return real.submit(lane, work, admission);
    const call = ++calls;
    return real.submit(lane, () => fault(call, work) as ReturnType<typeof work>, admission);
  };
  // The real gate's methods work on the real gate only.
  return new Proxy(real, {
    get(target, name) {
      if (name === 'submit') return submit;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

test('with the gate as it is, no call is lost and none runs twice', async () => {
  expect(await reportOf((real) => faultyGate(real, (_, work) => work()))).toMatchObject({
    state: 'done',
    toolCalls: CALLS,
    lost: 0,
    duplicated: 0,
  });
});

test('a gate that answers for calls without running them is found out, call by call', async () => {
  let dropped = 0;
  const report = await reportOf((real) =>
    faultyGate(real, (call, work) => {
      if (call % 10 !== 0) return work();
      dropped++;
      return Promise.resolve(PLAUSIBLE);
    }),
  );
  expect(dropped).toBe(CALLS / 10);
  expect(report).toMatchObject({ state: 'done', agentsFailed: 0, toolCalls: CALLS, lost: dropped, duplicated: 0 });
});

test('a gate that runs calls twice is found out, call by call', async () => {
  let repeated = 0;
  const report = await reportOf((real) =>
    faultyGate(real, async (call, work) => {
      if (call % 15 !== 0) return await work();
      repeated++;
      await work();
      return await work();
    }),
  );
  expect(repeated).toBe(CALLS / 15);
  expect(report).toMatchObject({ state: 'done', agentsFailed: 0, toolCalls: CALLS, lost: 0, duplicated: repeated });
});
