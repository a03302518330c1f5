import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { toStorageError } from '../files/storage-error.ts';

/** Longest path bound as a Unix socket, in bytes: macOS keeps 104 with the closing zero, Linux 108. */
const MAX_SOCKET_PATH_BYTES = 100;

/** Connections that wait to be accepted. */
const BACKLOG = 64;

const PRIVATE_PREFIX = 'flotilla-';

/** A listening socket that only this user can reach. */
export interface InstanceSocket extends AsyncDisposable {
  readonly path: string;
}

/** Listens where `dataDir` is short enough for a socket's path, else in a private folder of the temporary directory. */
export async function listenForInstance(
  dataDir: string,
  onConnection: (socket: Socket) => void,
): Promise<InstanceSocket> {
  const path = await choosePath(dataDir);
  const server = createServer({ allowHalfOpen: true }, onConnection);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  try {
    await listen(server, path);
    if (process.platform !== 'win32') await chmod(path, 0o600);
  } catch (error) {
    throw toStorageError(error, path);
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroySoon();
      await closed;
      await removeSocket(path);
    },
  };
}

/** Removes what a socket leaves behind: its file, and its private folder. */
export async function removeSocket(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await rm(path, { force: true }).catch(() => undefined);
  const folder = dirname(path);
  if (dirname(folder) === tmpdir() && basename(folder).startsWith(PRIVATE_PREFIX)) {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function choosePath(dataDir: string): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\flotilla-${randomBytes(16).toString('hex')}`;
  const near = join(dataDir, 'instance.sock');
  if (Buffer.byteLength(near) <= MAX_SOCKET_PATH_BYTES) {
    // The lock is held: a socket that is still there belongs to an owner that died.
    await rm(near, { force: true }).catch(() => undefined);
    return near;
  }
  return join(await mkdtemp(join(tmpdir(), PRIVATE_PREFIX)), 'instance.sock');
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // `listen` binds before it returns; without the mask the socket would be open to others until `chmod`.
    const mask = process.platform === 'win32' ? undefined : process.umask(0o177);
    try {
      server.listen({ path, backlog: BACKLOG }, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      if (mask !== undefined) process.umask(mask);
    }
  });
}
