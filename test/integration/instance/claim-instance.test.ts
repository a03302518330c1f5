import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimInstance, lockFolderOf } from '../../../main/instance/claim-instance.ts';
import { type InstanceFile, readInstanceFile } from '../../../main/instance/instance-file.ts';
import { joinInstance } from '../../../main/instance/join-instance.ts';
import { readOwner } from '../../../main/instance/owner-lock.ts';
import { ownIdentity } from '../../../main/instance/process-identity.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { startClaimer } from './claimer.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'instance-')), 'data');
});
afterEach(async () => {
  await rm(dirname(dataDir), { recursive: true, force: true });
});

test('of many processes that claim at once exactly one gets the directory', async () => {
  for (let round = 0; round < 3; round++) {
    await using claimers = new AsyncDisposableStack();
    const all = Array.from({ length: 6 }, () => claimers.use(startClaimer(dataDir)));
    const said = await Promise.all(all.map((claimer) => claimer.next()));
    expect(said.filter((word) => word === 'owned')).toHaveLength(1);
    expect(said.filter((word) => word === 'taken')).toHaveLength(5);
    const owner = all[said.indexOf('owned')];
    await owner?.next();
    await owner?.kill('SIGKILL');
  }
});

test('claims in one process exclude one another as well, however many start at the same moment', async () => {
  const claims = await Promise.all(Array.from({ length: 20 }, () => claimInstance(dataDir)));
  const owned = claims.filter((claim) => claim !== undefined);
  expect(owned).toHaveLength(1);
  await owned[0]?.[Symbol.asyncDispose]();
});

test('an owner that leaves makes room for the next, and leaves neither socket nor instance.json', async () => {
  await using first = startClaimer(dataDir);
  expect([await first.next(), await first.next()]).toEqual(['owned', 'listening']);
  expect(await claimInstance(dataDir)).toBeUndefined();
  await first.leave();
  expect(await readdir(dataDir)).toEqual(['instance']);
  await using second = await claimInstance(dataDir);
  expect(second).toBeDefined();
});

test('what an owner that was killed left behind is recognised and cleared away', async () => {
  await using first = startClaimer(dataDir);
  expect([await first.next(), await first.next()]).toEqual(['owned', 'listening']);
  await first.kill('SIGKILL');
  const left = (await readInstanceFile(dataDir)) as InstanceFile;
  expect(left.pid).toBe(first.child.pid);
  expect(await joinInstance(dataDir, systemClock, 'test')).toBeUndefined();
  await using second = await claimInstance(dataDir);
  expect(second).toBeDefined();
  await expect(stat(left.socketPath)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a process id that was given out again does not keep the lock', async () => {
  const identity = { ...ownIdentity(), startTime: '1' };
  await mkdir(lockFolderOf(dataDir), { recursive: true });
  await writeFile(join(lockFolderOf(dataDir), '7.lock'), JSON.stringify({ owner: identity, released: false }));
  await using owned = await claimInstance(dataDir);
  expect(owned).toBeDefined();
  expect(await readdir(lockFolderOf(dataDir))).toContain('8.lock');
});

test('an owner on another machine counts as alive, and the sentence says what to delete', async () => {
  const identity = { pid: 1, startTime: '1', place: 'elsewhere boot pid:[1]' };
  await mkdir(lockFolderOf(dataDir), { recursive: true });
  await writeFile(join(lockFolderOf(dataDir), '7.lock'), JSON.stringify({ owner: identity, released: false }));
  expect(await claimInstance(dataDir)).toBeUndefined();
  const clock = { ...systemClock, sleep: async () => undefined, monoMs: steps([0, 6_000]) };
  await expect(joinInstance(dataDir, clock, 'test')).rejects.toMatchObject({
    code: 'INSTANCE_UNREACHABLE',
    message: expect.stringContaining(lockFolderOf(dataDir)) as string,
  });
});

test('an owner of an earlier boot of this machine is over', async () => {
  const own = ownIdentity();
  const [host, , space] = own.place.split(' ');
  const identity = { ...own, place: `${host} an-earlier-boot ${space}` };
  await mkdir(lockFolderOf(dataDir), { recursive: true });
  await writeFile(join(lockFolderOf(dataDir), '7.lock'), JSON.stringify({ owner: identity, released: false }));
  await using owned = await claimInstance(dataDir);
  expect(owned).toBeDefined();
});

test('a lock file without content is waited for while it is young, and taken over when it is old', async () => {
  const path = join(lockFolderOf(dataDir), '3.lock');
  await mkdir(lockFolderOf(dataDir), { recursive: true });
  await writeFile(path, '');
  expect(await claimInstance(dataDir)).toBeUndefined();
  const old = new Date(Date.now() - 60_000);
  await utimes(path, old, old);
  await using owned = await claimInstance(dataDir);
  expect(owned).toBeDefined();
});

test('the highest number decides, whatever lower ones say', async () => {
  await using owned = await claimInstance(dataDir);
  expect(owned).toBeDefined();
  const folder = lockFolderOf(dataDir);
  const dead = { ...ownIdentity(), startTime: '1' };
  // Left by a starter that was slow and died.
  await writeFile(join(folder, '0.lock'), JSON.stringify({ owner: dead, released: true }));
  expect((await readOwner(folder))?.owner).toMatchObject(ownIdentity());
  expect(await claimInstance(dataDir)).toBeUndefined();
});

test('lock files do not pile up', async () => {
  for (let round = 0; round < 12; round++) {
    await using owned = await claimInstance(dataDir);
    expect(owned).toBeDefined();
  }
  expect((await readdir(lockFolderOf(dataDir))).length).toBeLessThanOrEqual(4);
});

test('the socket and instance.json are for this user only', async () => {
  await using owned = await claimInstance(dataDir);
  const file = await owned?.listen({ version: '1', startedAtMs: 1, onConnection: (socket) => socket.destroy() });
  const modes = [file?.socketPath as string, join(dataDir, 'instance.json'), dataDir].map(
    async (path) => (await stat(path)).mode & 0o077,
  );
  expect(await Promise.all(modes)).toEqual([0, 0, 0]);
});

test('a data directory whose path is too long for a socket gets one in a private folder that goes with it', async () => {
  const long = join(dataDir, 'x'.repeat(90));
  const owned = await claimInstance(long);
  const file = (await owned?.listen({
    version: '1',
    startedAtMs: 1,
    onConnection: (socket) => socket.end('hello'),
  })) as InstanceFile;
  expect(Buffer.byteLength(file.socketPath)).toBeLessThanOrEqual(100);
  const folder = dirname(file.socketPath);
  expect((await stat(folder)).mode & 0o077).toBe(0);
  const socket = connect(file.socketPath);
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  expect(said).toBe('hello');
  await owned?.[Symbol.asyncDispose]();
  await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a file in the place of the data directory is refused in a sentence', async () => {
  await writeFile(dataDir, 'not a folder');
  await expect(claimInstance(dataDir)).rejects.toMatchObject({
    code: 'DATA_DIR_READ_ONLY',
    message: expect.stringContaining('--data-dir') as string,
  });
});

test('an owner that does not answer the handshake is reported and not waited for without end', async () => {
  await using owned = await claimInstance(dataDir);
  await owned?.listen({ version: '1', startedAtMs: 1, onConnection: () => undefined });
  const impatient = { ...systemClock, after: (_delayMs: number, fire: () => void) => systemClock.after(0, fire) };
  await expect(joinInstance(dataDir, impatient, 'test')).rejects.toMatchObject({ code: 'INSTANCE_UNREACHABLE' });
});

test('joining creates nothing in a directory that nobody uses', async () => {
  expect(await joinInstance(dataDir, systemClock, 'test')).toBeUndefined();
  await expect(readFile(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
});

function steps(values: readonly number[]): () => number {
  let at = 0;
  return () => values[Math.min(at++, values.length - 1)] as number;
}
