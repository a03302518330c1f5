import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { getuid } from 'node:process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFleetText, writeFleetText } from '../../../main/fleets/fleet-text.ts';
import { errorOf } from '../../support/error-of.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

const TEXT = 'flotilla: 1\nname: one\n';

test('a text that was read is replaced as a whole, keeps its rights, and leaves no draft', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'fleet.yaml');
  await writeFile(path, TEXT);
  await chmod(path, 0o640);
  const read = await readFleetText(path);
  expect(read).toMatchObject({ path, text: TEXT, readOnly: false });
  const written = await writeFleetText({ path, text: 'name: two\n', revision: read.revision });
  expect(await readFile(path, 'utf8')).toBe('name: two\n');
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect(await readdir(folder.path)).toEqual(['fleet.yaml']);
  expect((await readFleetText(path)).revision).toBe(written.revision);
});

test('a file that another program changed in between is not overwritten', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'fleet.yaml');
  await writeFile(path, TEXT);
  const { revision } = await readFleetText(path);
  await writeFile(path, 'name: elsewhere\n');
  await expect(writeFleetText({ path, text: 'mine', revision })).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  expect(await readFile(path, 'utf8')).toBe('name: elsewhere\n');
});

test('of two windows that save the same revision at once exactly one succeeds', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'fleet.yaml');
  await writeFile(path, TEXT);
  const { revision } = await readFleetText(path);
  const saves = await Promise.all(['a', 'b', 'c'].map((text) => errorOf(writeFleetText({ path, text, revision }))));
  expect(saves.map((error) => (error as { code?: string } | undefined)?.code)).toEqual([
    undefined,
    'FILE_CHANGED',
    'FILE_CHANGED',
  ]);
  expect(await readFile(path, 'utf8')).toBe('a');
});

test('without a revision the file must be new', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'fleet.yaml');
  await writeFleetText({ path, text: TEXT });
  expect(await readFile(path, 'utf8')).toBe(TEXT);
  await expect(writeFleetText({ path, text: 'other' })).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  expect(await readFile(path, 'utf8')).toBe(TEXT);
});

test('a file that was removed meanwhile is not made again unseen', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'gone.yaml');
  const save = writeFleetText({ path, text: TEXT, revision: 'x' });
  await expect(save).rejects.toMatchObject({ code: 'FILE_CHANGED', message: expect.stringContaining('removed') });
});

test('the file that a link leads to is replaced, and the link stays one', async () => {
  using folder = temporaryDirectory();
  const target = join(folder.path, 'target.yaml');
  const link = join(folder.path, 'link.yaml');
  await writeFile(target, TEXT);
  await symlink(target, link);
  const { revision } = await readFleetText(link);
  await writeFleetText({ path: link, text: 'name: two\n', revision });
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(target, 'utf8')).toBe('name: two\n');
});

test('where it cannot be written the reason is said', async () => {
  using folder = temporaryDirectory();
  const asFolder = join(folder.path, 'folder.yaml');
  await mkdir(asFolder);
  await writeFile(join(folder.path, 'plain'), '');
  const failures = await Promise.all(
    [
      { path: join(folder.path, 'missing', 'a.yaml'), text: '' },
      { path: join(folder.path, 'plain', 'a.yaml'), text: '' },
      { path: asFolder, text: '', revision: 'x' },
      { path: join(folder.path, `${'n'.repeat(300)}.yaml`), text: '' },
    ].map((write) => errorOf(writeFleetText(write))),
  );
  expect(failures).toMatchObject([
    { code: 'FILE_NOT_WRITABLE', message: expect.stringContaining('there is no folder') },
    { code: 'FILE_NOT_WRITABLE', message: expect.stringContaining('is not a folder') },
    { code: 'FILE_NOT_WRITABLE', message: expect.stringContaining('it is not a file') },
    { code: 'FILE_NOT_WRITABLE', message: expect.stringContaining('its name is too long') },
  ]);
});

/** Root may write where rights forbid it. */
const isRoot = getuid?.() === 0;

test.skipIf(isRoot)('a folder or a file without the right to write is shown as read-only and refused', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'fleet.yaml');
  await writeFile(path, TEXT, { mode: 0o444 });
  const { revision, readOnly } = await readFleetText(path);
  expect(readOnly).toBe(true);
  await expect(writeFleetText({ path, text: '', revision })).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
  await chmod(path, 0o644);
  await chmod(folder.path, 0o555);
  expect((await readFleetText(path)).readOnly).toBe(true);
  await expect(writeFleetText({ path, text: '', revision })).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
  await chmod(folder.path, 0o755);
  expect(await readFile(path, 'utf8')).toBe(TEXT);
});

test.each(['fleet.yaml', '/etc/passwd', '/tmp/a.json', '/tmp/a\0.yaml', '../fleet.yml'])(
  'no other file can be read or written through it: %j',
  async (path) => {
    await expect(readFleetText(path)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(writeFleetText({ path, text: '' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  },
);

test('a file that is too large, or no text, is refused in plain words', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'big.yaml');
  await writeFile(path, Buffer.alloc(4 * 1024 * 1024 + 1, 'x'));
  await expect(readFleetText(path)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringContaining('4 MiB'),
  });
  const text = 'é'.repeat(3 * 1024 * 1024);
  await expect(writeFleetText({ path: join(folder.path, 'new.yaml'), text })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  });
  await writeFile(path, Buffer.from([0x66, 0xff, 0xfe]));
  await expect(readFleetText(path)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringContaining('UTF-8'),
  });
});

test('a file that is not there is told as such', async () => {
  await expect(readFleetText('/nowhere/fleet.yaml')).rejects.toMatchObject({ code: 'FLEET_NOT_FOUND' });
});
