import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInstance } from '../../support/runs/hosted-instance.ts';
import { readLog } from '../../support/runs/run-readings.ts';

/** Prints, and ends when a file is there. */
const FLEET = `flotilla: 1
name: printing
workspace: .
agents:
  - name: printer
    kind: command
    command: [sh, -c, 'echo first; while [ ! -e go ]; do sleep 0.05; done; echo last']
    prompt: print
`;

test('what a program prints is seen while it runs, its time is running, and once it has ended the answer holds all of it', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'program-output-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'fleet.yaml');
  await writeFile(path, FLEET);
  const instance = stack.use(await openInstance(join(folder, 'data')));
  const { runs, fleets } = instance.client.calls;
  const { runId } = await fleets.launch({ path, overrides: {} });
  const subject = { runId, agent: 0 };
  for await (const item of runs.log(subject)) {
    if (item.kind !== 'output') continue;
    expect(item.text).toEqual({ text: 'first\n', chars: 6 });
    break;
  }
  const times = await runs.times(subject);
  expect(times.runningMs).toBeGreaterThan(0);
  expect(times.lifeMs).toBeGreaterThanOrEqual(times.runningMs);
  const seen = readLog(runs.log(subject));
  await writeFile(join(folder, 'go'), '');
  const kinds = (await seen).entries.map(({ kind }) => kind);
  expect(kinds).toEqual(['prompt', 'answer', 'state']);
  const { entries } = await readLog(runs.log(subject));
  expect(entries.map(({ kind }) => kind)).toEqual(['prompt', 'answer', 'state']);
  expect(entries.at(-2)).toMatchObject({ text: { text: 'first\nlast' } });
});
