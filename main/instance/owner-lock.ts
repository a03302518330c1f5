import { randomUUID } from 'node:crypto';
import { link, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../shared/errors/app-error.ts';
import { livenessOf, ownIdentity, processIdentity, type ProcessIdentity } from './process-identity.ts';
import { makeFolder } from '../files/make-folder.ts';
import { toStorageError } from '../files/storage-error.ts';

const lockFile = z.object({ owner: processIdentity, released: z.boolean() });
type LockFile = z.infer<typeof lockFile>;

/** A lock file without content is being written; when it is older than this, its writer died. */
const UNWRITTEN_STALE_MS = 10_000;

/** Another starter may win this often in a row before a claim gives up. */
const MAX_ROUNDS = 100;

/** Lower generations kept beside the highest, so that a listing that raced with a claim still sees one of them. */
const KEPT_GENERATIONS = 2;

/** What a claim found. */
export type Claim =
  | { readonly kind: 'owned'; readonly lock: OwnerLock }
  | { readonly kind: 'taken'; readonly owner: ProcessIdentity; readonly certain: boolean };

/** Held until it is released or this process dies. */
interface OwnerLock extends AsyncDisposable {
  readonly owner: ProcessIdentity;
}

/**
 * Takes the lock of `folder`, of which at most one living process is the holder.
 *
 * Node offers no `flock`. So: lock files are numbered, `<generation>.lock`, and hold who owns them. The highest number
 * decides; a claim creates the next one with `link`, which exactly one starter can. A holder that leaves marks its file
 * instead of deleting it, so the highest number never goes back and a starter that was slow cannot create a number
 * that is over. A dead holder is told by process id and start time.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL.
 */
export async function claimOwnerLock(folder: string): Promise<Claim> {
  const owner = ownIdentity();
  const draft = join(folder, `${randomUUID()}.draft`);
  try {
    await makeFolder(folder);
    await writeLock(draft, { owner, released: false });
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const highest = await readHighest(folder);
      if (highest && !highest.isFree) return { kind: 'taken', owner: highest.owner, certain: highest.certain };
      const generation = (highest?.generation ?? 0) + 1;
      if (!(await createOnce(draft, pathOf(folder, generation)))) continue;
      // A starter that was slow may have created a number that is over by now.
      const after = await readHighest(folder);
      if (after && after.generation > generation) {
        await rm(pathOf(folder, generation), { force: true });
        continue;
      }
      await removeBelow(folder, generation - KEPT_GENERATIONS);
      return { kind: 'owned', lock: heldLock(folder, generation, owner) };
    }
  } catch (error) {
    throw toStorageError(error, folder);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  throw new AppError('INSTANCE_UNREACHABLE', 'Other programs keep taking this data directory; try again in a moment.');
}

/** Who holds the lock now, without taking it; `undefined` when nobody does. Creates nothing. */
export async function readOwner(folder: string): Promise<{ owner: ProcessIdentity; certain: boolean } | undefined> {
  try {
    const highest = await readHighest(folder);
    return highest && !highest.isFree ? highest : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw toStorageError(error, folder);
  }
}

function heldLock(folder: string, generation: number, owner: ProcessIdentity): OwnerLock {
  return {
    owner,
    [Symbol.asyncDispose]: async () => {
      const draft = join(folder, `${randomUUID()}.draft`);
      // On a disk that has filled meanwhile the lock stays; it is told as stale by its process.
      await writeLock(draft, { owner, released: true })
        .then(() => rename(draft, pathOf(folder, generation)))
        .catch(() => rm(draft, { force: true }).catch(() => undefined));
    },
  };
}

interface Highest {
  readonly generation: number;
  readonly owner: ProcessIdentity;
  readonly isFree: boolean;
  readonly certain: boolean;
}

async function readHighest(folder: string): Promise<Highest | undefined> {
  const generation = Math.max(0, ...(await generationsIn(folder)));
  if (generation === 0) return undefined;
  const path = pathOf(folder, generation);
  const lock = await readLock(path);
  if (lock) {
    const liveness = lock.released ? 'dead' : livenessOf(lock.owner);
    return { generation, owner: lock.owner, isFree: liveness === 'dead', certain: liveness === 'alive' };
  }
  const info = await stat(path).catch(() => undefined);
  const isFree = info === undefined || Date.now() - info.mtimeMs > UNWRITTEN_STALE_MS;
  return { generation, owner: { pid: 1, place: 'unwritten' }, isFree, certain: false };
}

async function generationsIn(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const match = /^(\d{1,15})\.lock$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

async function readLock(path: string): Promise<LockFile | undefined> {
  try {
    return lockFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeLock(path: string, lock: LockFile): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(JSON.stringify(lock));
  await file.sync();
}

/** Whether `path` was created with the content of `draft`; `false` when another one was faster. */
async function createOnce(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // File systems without hard links: created first, written after; a reader waits for the content.
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL'].includes(code ?? '')) throw error;
  }
  const text = await readFile(draft);
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeBelow(folder: string, lowest: number): Promise<void> {
  for (const generation of await generationsIn(folder)) {
    if (generation < lowest) await rm(pathOf(folder, generation), { force: true });
  }
}

function pathOf(folder: string, generation: number): string {
  return join(folder, `${generation}.lock`);
}
