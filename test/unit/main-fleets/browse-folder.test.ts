import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { browseFolder } from '../../../main/fleets/browse-folder.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

test('a folder shows its folders and YAML files by name, without hidden ones and others', async () => {
  using root = temporaryDirectory();
  for (const name of ['b', 'A', '.git']) await mkdir(join(root.path, name));
  for (const name of ['z.yml', 'fleet10.yaml', 'fleet9.yaml', 'FLEET.YAML', 'notes.md', '.hidden.yaml'])
    await writeFile(join(root.path, name), '');
  expect(await browseFolder(`${root.path}/b/..`)).toEqual({
    folder: root.path,
    parent: join(root.path, '..'),
    folders: ['A', 'b'],
    files: ['FLEET.YAML', 'fleet9.yaml', 'fleet10.yaml', 'z.yml'],
    isCut: false,
  });
});

test('a link counts as what it leads to, and one that leads nowhere is left out', async () => {
  using root = temporaryDirectory();
  await mkdir(join(root.path, 'real'));
  await symlink(join(root.path, 'real'), join(root.path, 'linked'));
  await symlink(join(root.path, 'gone'), join(root.path, 'broken.yaml'));
  const { folders, files } = await browseFolder(root.path);
  expect([folders, files]).toEqual([['linked', 'real'], []]);
});

test('of a large folder 1,000 names are listed, and it says that there are more', async () => {
  using root = temporaryDirectory();
  await Promise.all(Array.from({ length: 1_005 }, (_, n) => writeFile(join(root.path, `f${n}.yaml`), '')));
  const { files, isCut } = await browseFolder(root.path);
  expect([files.length, isCut, files[0], files[999]]).toEqual([1_000, true, 'f0.yaml', 'f999.yaml']);
});

test('what cannot be looked into says why', async () => {
  using root = temporaryDirectory();
  await writeFile(join(root.path, 'file.yaml'), '');
  await expect(browseFolder(join(root.path, 'none'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  await expect(browseFolder(join(root.path, 'file.yaml'))).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: expect.stringContaining('is not a folder'),
  });
  await expect(browseFolder('examples')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});

test('the root of the disk has nothing above it', async () => {
  expect(await browseFolder('/')).not.toHaveProperty('parent');
});
