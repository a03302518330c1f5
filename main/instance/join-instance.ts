import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import type { Clock } from '../../runtime/time/clock.ts';
import { type ContractClient, createContractClient } from '../../shared/contract/client.ts';
import { contract } from '../../shared/contract/contract.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import type { ClientMessage } from '../../shared/contract/wire.ts';
import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import { LineTransport } from '../rpc/line-transport.ts';
import { lockFolderOf } from './claim-instance.ts';
import { instancePathOf, readInstanceFile } from './instance-file.ts';
import { readOwner } from './owner-lock.ts';

/** A client of the instance that owns a data directory. */
export type InstanceClient = ContractClient<typeof contract>;

/** An owner that has the lock but does not answer yet (it is starting, or leaving) is asked again for this long. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 50;

/** A handshake that takes longer is not coming. */
const HANDSHAKE_MS = 3_000;

/**
 * Connects to the owner of a data directory; `undefined` when nobody owns it. Creates nothing there.
 *
 * @throws {AppError} INSTANCE_UNREACHABLE when there is an owner that does not answer, CONTRACT_VERSION.
 */
export async function joinInstance(
  dataDir: string,
  clock: Clock,
  program: string,
): Promise<InstanceClient | undefined> {
  const untilMs = clock.monoMs() + PATIENCE_MS;
  for (;;) {
    const held = await readOwner(lockFolderOf(dataDir));
    if (!held) return undefined;
    const file = await readInstanceFile(dataDir);
    const isCurrent = file?.pid === held.owner.pid && file.startTime === held.owner.startTime;
    const socket = isCurrent && file ? await open(file.socketPath) : undefined;
    const client = socket && (await shakeHands(socket, clock, program).catch(unlessLeaving));
    if (client) return client;
    if (clock.monoMs() >= untilMs) throw unreachable(dataDir, held.owner.pid, held.certain);
    await clock.sleep(RETRY_MS);
  }
}

/** A connection to the owner of a data directory that has said nothing yet; `undefined` when nobody answers. */
export async function connectToOwner(dataDir: string): Promise<Transport<object> | undefined> {
  const file = await readInstanceFile(dataDir);
  const socket = file && (await open(file.socketPath));
  return socket && new LineTransport<object>(socket);
}

async function shakeHands(socket: Socket, clock: Clock, program: string): Promise<InstanceClient> {
  const abort = new AbortController();
  using _timer = clock.after(HANDSHAKE_MS, () => {
    abort.abort(
      new AppError(
        'INSTANCE_UNREACHABLE',
        `The running instance took the connection but did not answer within ${HANDSHAKE_MS} ms; it may be stuck, see its log.`,
        { details: { isStuck: true } },
      ),
    );
  });
  // Awaited here: the timer lives as long as this call.
  return await createContractClient(contract, new LineTransport<ClientMessage>(socket), {
    client: `${program} (pid ${process.pid})`,
    newRequestId: randomUUID,
    after: (delayMs, fire) => clock.after(delayMs, fire),
    signal: abort.signal,
  });
}

/** Whether `error` says that the owner was ending and has applied nothing, so that the next owner may be asked. */
export function isOwnerLeaving(error: unknown): boolean {
  return isAppError(error, 'INSTANCE_UNREACHABLE') && error.details['isLeaving'] === true;
}

/** An owner that leaves says so, or its connection just ends: nothing was asked yet, so that the next one may be. */
function unlessLeaving(error: unknown): undefined {
  if (!isAppError(error, 'INSTANCE_UNREACHABLE') || error.details['isStuck'] === true) throw error;
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('connect', () => {
      socket.off('error', refused);
      resolve(socket);
    });
    const refused = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    socket.once('error', refused);
  });
}

function unreachable(dataDir: string, pid: number, certain: boolean): AppError {
  const sentence = certain
    ? `Process ${pid} owns the data directory "${dataDir}" but does not answer; wait for it to finish, or end it and try again.`
    : `The data directory "${dataDir}" was taken by process ${pid}, perhaps on another machine, which does not answer; when you are sure that it has ended, delete the folder "${lockFolderOf(dataDir)}" and the file "${instancePathOf(dataDir)}".`;
  return new AppError('INSTANCE_UNREACHABLE', sentence, { details: { pid } });
}
