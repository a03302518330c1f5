import { execFileSync } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../runtime/time/clock.ts';
import { createPreferences } from '../../main/app/preferences.ts';
import { createFleetChecker } from '../../main/fleets/fleet-checker.ts';
import { readFleetHead } from '../../main/fleets/fleet-head.ts';
import { readFleetText, writeFleetText } from '../../main/fleets/fleet-text.ts';
import { temporaryDirectory } from '../support/history-events.ts';

/** More than the threads that Node has for files: one that is held up for ever would hold up everything. */
const PIPES = 8;

test.skipIf(process.platform === 'win32')('pipes that are called fleets hold nothing up', async () => {
  using folder = temporaryDirectory();
  const pipes = Array.from({ length: PIPES }, (_, at) => join(folder.path, `pipe-${at}.yaml`));
  execFileSync('mkfifo', [...pipes, join(folder.path, 'preferences.json')]);
  expect(await Promise.all(pipes.map((pipe) => readFleetHead(pipe)))).toEqual(pipes.map(() => ({ exists: false })));
  await expect(readFleetText(pipes[0]!)).rejects.toMatchObject({ code: 'FLEET_NOT_FOUND' });
  expect(await createPreferences(folder.path).load()).toEqual({ theme: 'system' });
});

test.skipIf(process.platform === 'win32')('a device that is called a fleet is none', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'zero.yaml');
  await symlink('/dev/zero', path);
  expect(await readFleetHead(path)).toEqual({ exists: false });
  await expect(readFleetText(path)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});

test('a link that is called a fleet shows no other kind of file, and replaces none', async () => {
  using folder = temporaryDirectory();
  const key = join(folder.path, 'id_rsa');
  const path = join(folder.path, 'fleet.yaml');
  await writeFile(key, 'secret');
  await symlink(key, path);
  await expect(readFleetText(path)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(writeFleetText({ path, text: 'name: x\n' })).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  const revision = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
  await expect(writeFleetText({ path, text: 'name: x\n', revision })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  expect(await readFile(key, 'utf8')).toBe('secret');
});

test('a file of brackets is there, though nobody can say its name', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'deep.yaml');
  await writeFile(path, '['.repeat(100_000));
  expect(await readFleetHead(path)).toMatchObject({ exists: true });
});

test('aliases that multiply are told as a problem, not followed', async () => {
  await using checker = createFleetChecker(systemClock);
  const names = 'abcdefghij'.split('');
  const levels = names.slice(1).map((name, at) => {
    const nine = Array.from({ length: 9 }, () => `*${names[at] ?? ''}`).join(', ');
    return `${name}: &${name} [${nine}]`;
  });
  const text = ['flotilla: 1', 'name: bomb', 'a: &a [x, x]', ...levels].join('\n');
  const { problems } = await checker.check({ path: '/tmp/bomb.yaml', text });
  expect(problems.map(({ message }) => message)).toContainEqual(expect.stringContaining('more than 200000 values'));
});
