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
  const line = await firstLine(child);
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

/** Rejects when the program ends without having printed one. */
async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error('The program ended without a word.');
}

const CLI = join(import.meta.dirname, '../../../main/cli.ts');

test('runs in the foreground as a command, says what is wrong in a sentence, and ends cleanly', async () => {
  const child = spawn(process.execPath, [CLI, 'simulate', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await firstLine(child);
  const ready = JSON.parse(line) as { type: string; caFile: string; port: number };
  expect(ready).toMatchObject({ type: 'simulate.ready', openaiBaseUrl: expect.stringMatching(/\/v1$/) });
  expect(await runCli('simulate', '--port', String(ready.port))).toEqual({
    code: 4,
    stderr: expect.stringMatching(/^Port \d+ is in use.*\n$/),
  });
  expect(await runCli('simulate', '--error-ratio', '3')).toEqual({
    code: 3,
    stderr: expect.stringMatching(/^[^\n]*--error-ratio[^\n]*\n$/),
  });
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(existsSync(ready.caFile)).toBe(false);
});

async function runCli(...args: string[]): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}
