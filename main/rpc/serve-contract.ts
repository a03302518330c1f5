import { ulid } from 'ulid';
import type { Clock } from '../../runtime/time/clock.ts';
import { type Contract, entriesByName } from '../../shared/contract/contract.ts';
import { CONTRACT_VERSION, type Entry } from '../../shared/contract/define.ts';
import { type Farewell, toFarewellError } from '../../shared/contract/farewell.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import type { ServerMessage } from '../../shared/contract/wire.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Log } from '../boot/log.ts';
import { ContractSession } from './contract-session.ts';
import type { AnyHandler, Handlers } from './handlers.ts';
import { RequestMemory } from './request-memory.ts';

/** What a served contract is made from. */
export interface ContractServerOptions<C extends Contract> {
  readonly contract: C;
  readonly handlers: Handlers<C>;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the log lies, for the sentence of an `INTERNAL` error. */
  readonly logPath: string;
  /** Name and version of this program. */
  readonly program: string;
  /** Asked when it is disposed of: what becomes of the runs. Without it connections end without a word. */
  readonly farewell?: () => Farewell;
}

/** An entry with the function that answers it. */
export interface BoundEntry {
  readonly entry: Entry;
  readonly handler: AnyHandler;
}

/** What every session of a server shares. */
export interface SessionContext {
  readonly entries: ReadonlyMap<string, BoundEntry>;
  readonly memory: RequestMemory;
  readonly clock: Clock;
  readonly welcome: Extract<ServerMessage, { type: 'welcome' }>;
  /** Set while the server lets what is open end, and takes nothing new. */
  readonly leaving: () => AppError | undefined;
  /** Makes an error fit to be sent: declared codes pass, anything else becomes `INTERNAL` with its cause in the log. */
  readonly refusal: (error: unknown, entryName: string, entry: Entry) => AppError;
}

/**
 * Serves one contract over any number of connections. Disposing of it lets open calls end for a moment, says farewell to every
 * connection and ends it.
 */
export interface ContractServer extends AsyncDisposable {
  serve(transport: Transport<ServerMessage>): void;
}

/** How long calls and streams that are open may go on when the server leaves: the last report of a run is under way. */
const DRAIN_MS = 2_000;
const DRAIN_LOOK_MS = 20;

/** Connections at the same time; one more is refused. */
const MAX_SESSIONS = 64;

/** Codes any entry may answer with, because they are raised on the way to its handler. */
const ALWAYS_DECLARED: ReadonlySet<string> = new Set([
  'INPUT_INVALID',
  'DEADLINE_EXCEEDED',
  'LANE_SATURATED',
  'TASK_CANCELLED',
]);

/** Makes a server of `handlers`; commands are remembered over all its connections. */
export function createContractServer<C extends Contract>(options: ContractServerOptions<C>): ContractServer {
  let isClosed = false;
  const context: SessionContext = {
    entries: bind(options.contract, options.handlers),
    memory: new RequestMemory(),
    clock: options.clock,
    leaving: () => (isClosed ? leavingError() : undefined),
    welcome: { type: 'welcome', version: CONTRACT_VERSION, program: options.program, pid: process.pid },
    refusal: (error, name, entry) => toRefusal(error, name, entry, options),
  };
  const sessions = new Set<ContractSession>();
  return {
    serve(transport) {
      if (isClosed) return refuseConnection(transport, leavingError());
      if (sessions.size >= MAX_SESSIONS) {
        const error = new AppError(
          'LANE_SATURATED',
          `${MAX_SESSIONS} programs are connected already; close one and try again.`,
        );
        return refuseConnection(transport, error);
      }
      const session = new ContractSession(context, transport);
      sessions.add(session);
      transport.onEnd(() => {
        sessions.delete(session);
        session.end();
      });
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      const farewell = options.farewell && toFarewellError(options.farewell());
      const untilMs = options.clock.monoMs() + DRAIN_MS;
      while (hasBusy(sessions) && options.clock.monoMs() < untilMs) await options.clock.sleep(DRAIN_LOOK_MS);
      for (const session of sessions) session.close(farewell);
    },
  };
}

function hasBusy(sessions: ReadonlySet<ContractSession>): boolean {
  return sessions.values().some((session) => session.isBusy);
}

function refuseConnection(transport: Transport<ServerMessage>, error: AppError): void {
  transport.send({ type: 'error', id: 0, error: error.toData() });
  transport.close();
}

/** Nothing was applied, so whoever gets this may go to the next owner with the same call. */
function leavingError(): AppError {
  return new AppError('INSTANCE_UNREACHABLE', 'The running instance is just ending; try again.', {
    details: { isLeaving: true },
  });
}

function bind(contract: Contract, handlers: Handlers<Contract>): ReadonlyMap<string, BoundEntry> {
  const bound = new Map<string, BoundEntry>();
  for (const [name, entry] of entriesByName(contract)) {
    const [domain = '', method = ''] = name.split('.');
    const handler = handlers[domain]?.[method] as AnyHandler | undefined;
    if (!handler) throw new AppError('INTERNAL', `The contract's entry "${name}" has no handler.`);
    bound.set(name, { entry, handler });
  }
  return bound;
}

function toRefusal(
  error: unknown,
  name: string,
  entry: Entry,
  { log, logPath }: Pick<ContractServerOptions<Contract>, 'log' | 'logPath'>,
): AppError {
  if (error instanceof AppError && (ALWAYS_DECLARED.has(error.code) || entry.errors.includes(error.code))) return error;
  const incidentId = ulid();
  log.error({ incidentId, entry: name, err: error }, 'A contract entry failed with something it does not declare');
  return new AppError(
    'INTERNAL',
    `Something went wrong inside Flotilla (incident ${incidentId}); its cause is in ${logPath}.`,
    {
      details: { incidentId },
    },
  );
}
