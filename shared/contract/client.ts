import { AppError } from '../errors/app-error.ts';
import { type Contract, entriesByName, type InputOf, type OutputOf } from './contract.ts';
import { CONTRACT_VERSION, type Entry } from './define.ts';
import { ItemQueue } from './item-queue.ts';
import type { Transport } from './transport.ts';
import { type ClientMessage, fromWireError, serverMessage, type ServerMessage } from './wire.ts';

/** The part of an `AbortSignal` that a call listens to. */
interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** How a call is made. */
interface CallOptions {
  readonly signal?: CancelSignal;
  /** Of a command: the id of an earlier try, so that it applies once. A new one unless told. */
  readonly requestId?: string;
}

type CallOf<E extends Entry> = E extends { kind: 'stream' }
  ? (input: InputOf<E>, options?: Pick<CallOptions, 'signal'>) => AsyncIterableIterator<OutputOf<E>>
  : (input: InputOf<E>, options?: CallOptions) => Promise<OutputOf<E>>;

/** A contract's entries as functions. */
type ContractCalls<C extends Contract> = {
  readonly [D in keyof C]: { readonly [E in keyof C[D]['entries']]: CallOf<C[D]['entries'][E]> };
};

/** The other side of a connection. Disposing of it closes the connection and rejects what is pending. */
export interface ContractClient<C extends Contract> extends AsyncDisposable {
  readonly calls: ContractCalls<C>;
  /** Who answered the handshake. */
  readonly peer: { readonly program: string; readonly pid: number };
  /** Resolves when the connection has ended, with the reason unless this side closed it. */
  readonly ended: Promise<AppError | undefined>;
}

/** What a client needs from the place it runs in. */
export interface ClientOptions {
  /** Shown in the other side's log. */
  readonly client: string;
  /** A fresh id of 8 to 64 characters. */
  readonly newRequestId: () => string;
  /** Arms a timer for a call's deadline; without it only the other side keeps deadlines. */
  readonly after?: (delayMs: number, fire: () => void) => Disposable;
  /** Ends the handshake. */
  readonly signal?: CancelSignal;
}

/** Beyond an entry's own deadline, so that the other side's answer about it arrives first. */
const DEADLINE_SLACK_MS = 2_000;

interface Pending {
  settle(message: ServerMessage): void;
  fail(error: Error): void;
  /** Stops listening to the caller's signal. */
  release(): void;
}

/**
 * Shakes hands over `transport` and answers the contract's entries as functions, typed.
 *
 * Outputs are parsed on arrival. A call rejects with the `AppError` of the other side; when the
 * connection ends, with `INSTANCE_UNREACHABLE`. Cancelling a call rejects it with the signal's reason.
 *
 * @throws {AppError} CONTRACT_VERSION when the other side speaks another version, INSTANCE_UNREACHABLE.
 */
export async function createContractClient<C extends Contract>(
  of: C,
  transport: Transport<ClientMessage>,
  options: ClientOptions,
): Promise<ContractClient<C>> {
  const connection = new Connection(transport, options);
  const peer = await connection.handshake();
  const calls: Record<string, Record<string, unknown>> = {};
  for (const [name, entry] of entriesByName(of)) {
    const [domain = '', method = ''] = name.split('.');
    calls[domain] ??= {};
    calls[domain][method] =
      entry.kind === 'stream'
        ? (input: unknown, how?: CallOptions) => connection.open(name, entry, input, how?.signal)
        : (input: unknown, how?: CallOptions) => connection.call(name, entry, input, how);
  }
  return {
    calls: calls as ContractCalls<C>,
    peer,
    ended: connection.ended,
    [Symbol.asyncDispose]: async () => connection.close(),
  };
}

class Connection {
  readonly #transport: Transport<ClientMessage>;
  readonly #options: ClientOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #welcome = Promise.withResolvers<{ program: string; pid: number }>();
  readonly #ended = Promise.withResolvers<AppError | undefined>();
  #lastId = 0;
  #endedBy: AppError | undefined;

  constructor(transport: Transport<ClientMessage>, options: ClientOptions) {
    this.#transport = transport;
    this.#options = options;
    // A handshake nobody waits for any more must not end the process.
    this.#welcome.promise.catch(() => undefined);
    transport.onEnd((error) => this.#end(error));
    transport.onMessage((message) => this.#receive(message));
  }

  get ended(): Promise<AppError | undefined> {
    return this.#ended.promise;
  }

  async handshake(): Promise<{ program: string; pid: number }> {
    const { signal, client } = this.#options;
    const onAbort = (): void => {
      this.#welcome.reject(signal?.reason);
      this.#transport.close();
    };
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#transport.send({ type: 'hello', version: CONTRACT_VERSION, client });
    try {
      return await this.#welcome.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  call(
    name: string,
    entry: Exclude<Entry, { kind: 'stream' }>,
    input: unknown,
    how: CallOptions = {},
  ): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = this.#start(how.signal, reject, (message) => {
      if (message.type !== 'result') return;
      this.#take(id);
      const parsed = entry.output.safeParse(message.output);
      if (parsed.success) resolve(parsed.data);
      else reject(misunderstood(name, parsed.error));
    });
    if (id === 0) return promise;
    const requestId = entry.kind === 'command' ? (how.requestId ?? this.#options.newRequestId()) : undefined;
    this.#transport.send({ type: 'call', id, entry: name, input, ...(requestId === undefined ? {} : { requestId }) });
    const timer = this.#options.after?.(entry.deadlineMs + DEADLINE_SLACK_MS, () => {
      if (!this.#take(id)) return;
      this.#transport.send({ type: 'cancel', id });
      reject(new AppError('DEADLINE_EXCEEDED', `"${name}" was not answered within ${entry.deadlineMs} ms; try again.`));
    });
    return timer === undefined ? promise : promise.finally(() => timer[Symbol.dispose]());
  }

  open(name: string, entry: Extract<Entry, { kind: 'stream' }>, input: unknown, signal?: CancelSignal) {
    const queue = new ItemQueue({
      onTaken: (items) => this.#transport.send({ type: 'ack', id, items }),
      onClosed: () => {
        if (this.#take(id)) this.#transport.send({ type: 'cancel', id });
      },
      ackAfter: Math.max(1, Math.floor(entry.bufferedItems / 2)),
    });
    const id = this.#start(
      signal,
      (error) => queue.fail(error),
      (message) => {
        if (message.type === 'end') {
          this.#take(id);
          queue.finish();
        } else if (message.type === 'items') {
          for (const item of message.items) {
            const parsed = entry.item.safeParse(item);
            if (!parsed.success) return queue.fail(misunderstood(name, parsed.error));
            queue.push(parsed.data);
          }
        }
      },
    );
    if (id !== 0) this.#transport.send({ type: 'open', id, entry: name, input, credit: entry.bufferedItems });
    return queue;
  }

  close(): void {
    this.#transport.close();
    this.#end();
  }

  /** Registers a call and answers its id, or 0 when it was refused before it began. */
  #start(
    signal: CancelSignal | undefined,
    fail: (error: Error) => void,
    settle: (message: ServerMessage) => void,
  ): number {
    if (this.#endedBy || signal?.aborted) {
      fail(this.#endedBy ?? (signal?.reason as Error));
      return 0;
    }
    const id = ++this.#lastId;
    const onAbort = (): void => {
      if (!this.#take(id)) return;
      this.#transport.send({ type: 'cancel', id });
      fail(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#pending.set(id, { settle, fail, release: () => signal?.removeEventListener('abort', onAbort) });
    return id;
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.release();
    return pending;
  }

  #receive(raw: unknown): void {
    const parsed = serverMessage.safeParse(raw);
    if (!parsed.success) {
      this.#transport.close();
      return this.#end(misunderstood('a message', parsed.error));
    }
    const message = parsed.data;
    if (message.type === 'welcome') {
      if (message.version === CONTRACT_VERSION) this.#welcome.resolve({ program: message.program, pid: message.pid });
      else this.#welcome.reject(otherVersion(message.version));
      return;
    }
    if (message.type !== 'error') return this.#pending.get(message.id)?.settle(message);
    const error = fromWireError(message.error);
    if (message.id === 0) return this.#end(error);
    this.#take(message.id)?.fail(error);
  }

  #end(error?: AppError): void {
    if (this.#endedBy) return;
    this.#endedBy =
      error ?? new AppError('INSTANCE_UNREACHABLE', 'The connection to the running instance has ended; try again.');
    for (const id of this.#pending.keys()) this.#take(id)?.fail(this.#endedBy);
    this.#welcome.reject(this.#endedBy);
    this.#ended.resolve(error);
  }
}

function misunderstood(what: string, cause: unknown): AppError {
  return new AppError(
    'CONTRACT_VERSION',
    `The running instance answered ${what} in a form this program does not know; use the same version on both sides.`,
    { cause },
  );
}

function otherVersion(version: number): AppError {
  return new AppError(
    'CONTRACT_VERSION',
    `The running instance speaks version ${version} of the contract and this program ${CONTRACT_VERSION}; stop the instance and start it with this version.`,
  );
}
