import process from 'node:process';
import { expect, test } from 'vitest';
import { runElectron } from '../../../scripts/run-electron.ts';

// What Electron does to the one who starts it, done by Node.
const run = (code: string) => runElectron(process.execPath, ['-e', code]);

test.skipIf(process.platform === 'win32')(
  'an Electron that stops itself for want of a sandbox is told from one that ends',
  async () => {
    expect(await run(`process.kill(process.pid, 'SIGTRAP'); setInterval(() => {}, 1000)`)).toEqual({
      refused: expect.stringContaining('sandbox') as string,
    });
    expect(await run(`process.exit(3)`)).toEqual({ exitCode: 3 });
    expect(await run(`process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)`)).toEqual({ exitCode: 137 });
    expect(process.listenerCount('SIGHUP')).toBe(0);
  },
);

test('a program that is not there is a failure with a code', async () => {
  expect(await runElectron('/no/such/electron', [])).toEqual({ exitCode: 4 });
});
