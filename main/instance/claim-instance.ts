import { realpath, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { CONTRACT_VERSION } from '../../shared/contract/define.ts';
import { type InstanceFile, instancePathOf, readInstanceFile } from './instance-file.ts';
import { listenForInstance, removeSocket } from './instance-socket.ts';
import { claimOwnerLock } from './owner-lock.ts';
import { replaceFile } from '../files/replace-file.ts';

/** The data directory is this process's until it is disposed of. */
export interface OwnedInstance extends AsyncDisposable {
  readonly dataDir: string;
  /** Opens the instance socket and says in `instance.json` how to reach it. Once. */
  listen(options: {
    readonly version: string;
    readonly startedAtMs: number;
    readonly onConnection: (socket: Socket) => void;
  }): Promise<InstanceFile>;
}

/** Where the lock of a data directory lies. */
export function lockFolderOf(dataDir: string): string {
  return join(dataDir, 'instance');
}

/**
 * Takes the data directory, creating it when it is missing; `undefined` when another process owns it.
 *
 * What an owner that died left behind (its socket, its `instance.json`) is cleared away.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL.
 */
export async function claimInstance(dataDir: string): Promise<OwnedInstance | undefined> {
  const claim = await claimOwnerLock(lockFolderOf(dataDir));
  if (claim.kind === 'taken') return undefined;
  await using opening = new AsyncDisposableStack();
  opening.use(claim.lock);
  const left = await readInstanceFile(dataDir);
  if (left) await removeSocket(left.socketPath);
  await rm(instancePathOf(dataDir), { force: true });
  const path = await realpath(dataDir);
  const owned = opening.move();
  return {
    dataDir: path,
    async listen({ version, startedAtMs, onConnection }) {
      const socket = owned.use(await listenForInstance(path, onConnection));
      const file: InstanceFile = {
        ...claim.lock.owner,
        startedAtMs,
        socketPath: socket.path,
        version,
        contract: CONTRACT_VERSION,
      };
      await replaceFile(instancePathOf(path), `${JSON.stringify(file, undefined, 2)}\n`);
      owned.defer(() => rm(instancePathOf(path), { force: true }));
      return file;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
