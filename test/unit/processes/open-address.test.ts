import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { openAddress, openerOf } from '../../../runtime/processes/open-address.ts';
import { temporaryDirectory } from '../../support/history-events.ts';
import { manualClock } from '../../support/manual-clock.ts';

/** What a shell would take apart. */
const ADDRESS = 'http://127.0.0.1:4000/?token=a&b=$(touch pwned);"`\' %PATH%|x';

const path = process.env['PATH'];
afterEach(() => void (process.env['PATH'] = path));

/** A folder that is the whole `PATH`, with an opener of this body. */
async function install(folder: string, body: string): Promise<void> {
  const opener = join(folder, 'xdg-open');
  await writeFile(opener, `#!/bin/sh\n${body}\n`);
  await chmod(opener, 0o755);
  process.env['PATH'] = folder;
}

test('every system has its own opener, none of them a shell', () => {
  expect(openerOf('linux')).toEqual(['xdg-open']);
  expect(openerOf('freebsd')).toEqual(['xdg-open']);
  expect(openerOf('darwin')).toEqual(['open']);
  expect(openerOf('win32')).toEqual(['rundll32', 'url.dll,FileProtocolHandler']);
});

test.runIf(process.platform === 'linux')('the address is one argument, whatever stands in it', async () => {
  using folder = temporaryDirectory();
  const said = join(folder.path, 'said');
  await install(folder.path, `printf '%s\\n' "$#" "$1" > '${said}'`);
  await openAddress(ADDRESS, manualClock());
  expect(await readFile(said, 'utf8')).toBe(`1\n${ADDRESS}\n`);
});

test.runIf(process.platform === 'linux')('an opener that fails, and one that is missing, are told apart', async () => {
  using folder = temporaryDirectory();
  await install(folder.path, 'exit 3');
  await expect(openAddress(ADDRESS, manualClock())).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
  process.env['PATH'] = join(folder.path, 'none');
  await expect(openAddress(ADDRESS, manualClock())).rejects.toMatchObject({ code: 'PROGRAM_NOT_FOUND' });
});

test.runIf(process.platform === 'linux')('an opener that became the browser is not waited for', async () => {
  using folder = temporaryDirectory();
  const pidFile = join(folder.path, 'pid');
  await install(folder.path, `echo $$ > '${pidFile}'\nexec /bin/sleep 60`);
  const clock = manualClock();
  const opening = openAddress(ADDRESS, clock);
  await expect.poll(() => readFile(pidFile, 'utf8').catch(() => '')).not.toBe('');
  await clock.advance(3_000);
  await opening;
  process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
});
