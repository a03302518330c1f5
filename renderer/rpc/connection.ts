import { type ContractClient, createContractClient } from '../../shared/contract/client.ts';
import { contract } from '../../shared/contract/contract.ts';
import { type Farewell, findFarewell } from '../../shared/contract/farewell.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import type { ClientMessage } from '../../shared/contract/wire.ts';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import { after } from './timers.ts';

/** The host's contract as functions. */
export type Host = ContractClient<typeof contract>;

/** How the page stands to its host. */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly host: Host }
  /** It is tried again at `nextAtMs`; `attempt` counts from 1. */
  | {
      readonly kind: 'lost';
      readonly sinceMs: number;
      readonly attempt: number;
      readonly nextAtMs: number;
      readonly error: AppError;
      /** The host's last word, when it ended in an orderly way. */
      readonly farewell: Farewell | undefined;
    }
  /** Trying again would not help: another version, or a page whose session is over. */
  | { readonly kind: 'refused'; readonly error: AppError; readonly farewell: Farewell | undefined };

/**
 * Whether the host can be told something: `away` when it is lost or refuses this page. The one thing that views ask of the
 * connection.
 */
export type Reach = 'connecting' | 'here' | 'away';

/** How far the host is. */
export function toReach({ kind }: ConnectionState): Reach {
  if (kind === 'open') return 'here';
  return kind === 'connecting' ? 'connecting' : 'away';
}

/** The connection of this page. Listeners are called after each change of `state`. */
export interface Connection extends Disposable {
  readonly state: ConnectionState;
  subscribe(listener: () => void): () => void;
  /** Resolves when the host is there, at once when it is. */
  host(): Promise<Host>;
  /** Tries at once instead of at `nextAtMs`. */
  retry(): void;
}

/** The first tries follow quickly, then one every few seconds: the host may take a while to start again. */
const RETRY_MS = [100, 300, 1_000, 2_000, 4_000] as const;

/**
 * After a farewell the first tries are as quick, because another program may go on in its place at the same address; from then on
 * it is only looked for now and then: it was ended by someone, and a new start most often has a new address.
 */
const FAREWELL_RETRY_MS = [100, 300, 1_000, 4_000, 15_000, 30_000] as const;

/** A host that does not answer a question this long is taken for lost: a cut cable sends no end. */
const SILENCE_MS = 5_000;

/** A connection that ends sooner than this counts as one more failed try: a host that drops everyone is not asked in a rush. */
const STEADY_MS = 5_000;

/** Connects, and connects again whenever the connection ends. */
export function openConnection(openTransport: () => Promise<Transport<ClientMessage>>): Connection {
  return new ReconnectingConnection(openTransport);
}

class ReconnectingConnection implements Connection {
  readonly #openTransport: () => Promise<Transport<ClientMessage>>;
  readonly #listeners = new Set<() => void>();
  #state: ConnectionState = { kind: 'connecting' };
  #waiting = Promise.withResolvers<Host>();
  #timer: Disposable | undefined;
  #isClosed = false;
  /** Counts tries: what an earlier one comes to is dropped, so that two never hold a host at once. */
  #try = 0;
  /** Of the last host, until one is there again. */
  #farewell: Farewell | undefined;

  constructor(openTransport: () => Promise<Transport<ClientMessage>>) {
    this.#openTransport = openTransport;
    void this.#connect(0, Date.now());
  }

  get state(): ConnectionState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  host(): Promise<Host> {
    return this.#state.kind === 'open' ? Promise.resolve(this.#state.host) : this.#waiting.promise;
  }

  retry(): void {
    if (this.#state.kind !== 'lost' && this.#state.kind !== 'refused') return;
    const { attempt, sinceMs } = this.#state.kind === 'lost' ? this.#state : { attempt: 1, sinceMs: Date.now() };
    this.#timer?.[Symbol.dispose]();
    void this.#connect(attempt, sinceMs);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    if (this.#state.kind === 'open') void this.#state.host[Symbol.asyncDispose]();
  }

  async #connect(attempt: number, sinceMs: number): Promise<void> {
    const current = ++this.#try;
    try {
      const transport = await this.#openTransport();
      const host = await createContractClient(contract, transport, {
        client: 'window',
        newRequestId: () => crypto.randomUUID(),
        after,
      });
      if (this.#isClosed || current !== this.#try) return void host[Symbol.asyncDispose]();
      const openedAtMs = Date.now();
      this.#farewell = undefined;
      this.#enter({ kind: 'open', host });
      this.#waiting.resolve(host);
      this.#waiting = Promise.withResolvers();
      this.#watch(host);
      const error = await host.ended;
      const wasSteady = Date.now() - openedAtMs >= STEADY_MS;
      this.#lose(toAppError(error ?? endedError()), wasSteady ? 0 : attempt, Date.now());
    } catch (error) {
      if (current === this.#try) this.#lose(toAppError(error), attempt, sinceMs);
    }
  }

  #lose(error: AppError, attempt: number, sinceMs: number): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#isClosed) return;
    const farewell = (this.#farewell = findFarewell(error) ?? this.#farewell);
    if (isRefusal(error)) return this.#enter({ kind: 'refused', error, farewell });
    const delaysMs = farewell ? FAREWELL_RETRY_MS : RETRY_MS;
    const delayMs = delaysMs[Math.min(attempt, delaysMs.length - 1)] as number;
    this.#enter({ kind: 'lost', sinceMs, attempt: attempt + 1, nextAtMs: Date.now() + delayMs, error, farewell });
    this.#timer = after(delayMs, () => void this.#connect(attempt + 1, sinceMs));
  }

  /** Asks the host now and then whether it is there; ends the connection when it does not answer. */
  #watch(host: Host): void {
    const ask = async (): Promise<void> => {
      const isHere = await host.calls.app.version({}, { signal: AbortSignal.timeout(SILENCE_MS) }).then(
        () => true,
        () => false,
      );
      if (this.#state.kind !== 'open' || this.#state.host !== host) return;
      if (isHere) this.#timer = after(SILENCE_MS, () => void ask());
      else void host[Symbol.asyncDispose]();
    };
    this.#timer = after(SILENCE_MS, () => void ask());
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function endedError(): AppError {
  return new AppError('INSTANCE_UNREACHABLE', 'The connection to Flotilla has ended.');
}

/** Whether asking again would be answered the same way. */
function isRefusal(error: AppError): boolean {
  return error.code === 'CONTRACT_VERSION' || error.details['isSessionOver'] === true;
}
