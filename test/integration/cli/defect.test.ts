import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const CLI = join(import.meta.dirname, '..', '..', '..', 'main', 'cli.ts');

/** A defect in the background: nobody awaits it. */
const PLANTED = "setTimeout(() => { Promise.reject(new Error('planted defect')); }, 300)";

test('a defect that nobody catches ends the command with an incident, exit 70 and no stack trace', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'defect-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const planted = ['--import', `data:text/javascript,${encodeURIComponent(PLANTED)}`];
  const child = spawn(process.execPath, [...planted, CLI, 'simulate', '--port', '0', '--data-dir', dataDir], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(70);
  expect(said).toMatch(
    /^Something went wrong inside Flotilla \(incident [0-9A-Z]{26}\); its cause is in .*flotilla\.log\.\n$/,
  );
  const [incident] = /[0-9A-Z]{26}/.exec(said)!;
  const log = await readFile(join(dataDir, 'flotilla.log'), 'utf8');
  expect(log).toContain(incident);
  expect(log).toContain('planted defect');
});
