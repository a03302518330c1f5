import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../../../main/files/make-folder.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'make-folder-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('many who make the same deep folder at once all succeed', async () => {
  const folder = await temporaryFolder();
  for (let round = 0; round < 50; round++) {
    const path = join(folder, String(round), 'a', 'b', 'c', 'd');
    await Promise.all(Array.from({ length: 16 }, () => makeFolder(path)));
    expect((await stat(path)).isDirectory()).toBe(true);
  }
});

test('a file in the way is refused, and a place where nothing can be made does not hang', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  const nowhere = process.platform === 'linux' ? '/proc/flotilla-test/below' : join(folder, 'file', 'below');
  await expect(makeFolder(nowhere)).rejects.toMatchObject({ code: expect.stringMatching(/^E/) as string });
});
