import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import type { Connection, Host } from './connection.ts';
import { after } from './timers.ts';

/** What a command is sent with: the host applies one id once, however often it arrives. */
export interface CommandOptions {
  readonly requestId: string;
}

/** A command on its way: called again with the same id when the connection broke before its answer. */
export type Send<Output> = (host: Host, how: CommandOptions) => Promise<Output>;

/** A connection that broke under a command is waited for this long; a person does not wait longer either. */
const RETURN_MS = 10_000;

/**
 * Sends a command, and sends it again with the same id when the connection broke before its answer and the same host comes
 * back: it remembers the id, so that nothing is applied twice. Another host does not, and is not asked.
 *
 * A command is never kept for later: given while the connection is lost it is refused at once.
 *
 * @throws {AppError} INSTANCE_UNREACHABLE, whatever the command throws
 */
export async function sendCommand<Output>(connection: Connection, send: Send<Output>): Promise<Output> {
  const host = await hostForCommand(connection);
  const how = { requestId: crypto.randomUUID() };
  try {
    return await send(host, how);
  } catch (error) {
    if (!isAppError(error, 'INSTANCE_UNREACHABLE') || error.details['isLeaving'] === true) throw error;
    const again = await hostInTime(connection);
    if (again === undefined || again.peer.pid !== host.peer.pid) throw unknownOutcome(error);
    return await send(again, how);
  }
}

async function hostForCommand(connection: Connection): Promise<Host> {
  const { kind } = connection.state;
  if (kind === 'open' || kind === 'connecting') return connection.host();
  throw new AppError(
    'INSTANCE_UNREACHABLE',
    'Flotilla does not answer, so nothing was done; try again when the connection is back.',
  );
}

async function hostInTime(connection: Connection): Promise<Host | undefined> {
  const late = Promise.withResolvers<undefined>();
  using _timer = after(RETURN_MS, () => late.resolve(undefined));
  return await Promise.race([connection.host(), late.promise]);
}

function unknownOutcome(cause: AppError): AppError {
  return new AppError(
    'INSTANCE_UNREACHABLE',
    'The connection broke before the answer came, so nobody knows here whether it was done; look before you repeat it.',
    { cause },
  );
}
