import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openProcesses } from '../../../runtime/processes/processes.ts';
import { startSimulator } from '../../../runtime/providers/simulator/start-simulator.ts';
import { systemClock } from '../../../runtime/time/clock.ts';

const ENTRY = join(import.meta.dirname, '../../../runtime/providers/simulator/process.ts');

async function startEntry(
  ...args: string[]
): Promise<{ child: ChildProcess; ready: { caFile: string; port: number } }> {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, ready: JSON.parse(line) as { caFile: string; port: number } };
}

test('says where it listens in one line of JSON and removes its files on SIGTERM', async () => {
  const { child, ready } = await startEntry('--port', '0');
  expect(ready).toEqual({
    type: 'simulate.ready',
    openaiBaseUrl: `https://127.0.0.1:${ready.port}/v1`,
    anthropicBaseUrl: `https://127.0.0.1:${ready.port}`,
    caFile: expect.stringMatching(/\.pem$/),
    port: ready.port,
  });
  expect(existsSync(ready.caFile)).toBe(true);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(existsSync(ready.caFile)).toBe(false);
});

test('ends when its standard input closes, so that it dies with its parent', async () => {
  const { child, ready } = await startEntry('--port=0', '--exit-with-stdin');
  child.stdin!.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(existsSync(ready.caFile)).toBe(false);
});

test('is started on demand, ended with its owner, and reports a port in use', async () => {
  await using processes = openProcesses({ clock: systemClock });
  let caFile: string;
  {
    await using started = await startSimulator(processes, { seed: 4 });
    caFile = started.caFile;
    expect(existsSync(caFile)).toBe(true);
    await expect(startSimulator(processes, { port: started.port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  }
  expect(existsSync(caFile)).toBe(false);
  expect(await processes.alive()).toEqual([]);
  await expect(startSimulator(processes, { errorRatio: 3 })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
