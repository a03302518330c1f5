import type { z } from 'zod';
import type { Timer } from '../../runtime/time/clock.ts';
import { CONTRACT_VERSION, type Entry } from '../../shared/contract/define.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import { type ClientMessage, clientMessage, type ServerMessage } from '../../shared/contract/wire.ts';
import { AppError, type ErrorData } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import type { AnyHandler } from './handlers.ts';
import { isPlain } from './plain-input.ts';
import type { Outcome } from './request-memory.ts';
import type { BoundEntry, SessionContext } from './serve-contract.ts';
import { StreamPump } from './stream-pump.ts';

/** Calls and streams of one connection at the same time; the next is refused with `LANE_SATURATED`. */
const MAX_OPEN_CALLS = 256;

/** Who connects and does not begin keeps one of the places only this long. */
const HELLO_MS = 10_000;

interface OpenCall {
  readonly abort: AbortController;
  readonly pump?: StreamPump;
}

/** The end of a caller's patience. */
interface Expiry extends Disposable {
  readonly error: AppError;
  readonly late: Outcome;
  readonly outcome: Promise<Outcome>;
}

/** One connection: shakes hands, parses every message, runs handlers within their deadlines, answers. */
export class ContractSession {
  readonly #context: SessionContext;
  readonly #transport: Transport<ServerMessage>;
  readonly #open = new Map<number, OpenCall>();
  readonly #helloTimer: Timer;
  #greeted = false;
  #ended = false;

  constructor(context: SessionContext, transport: Transport<ServerMessage>) {
    this.#context = context;
    this.#transport = transport;
    this.#helloTimer = context.clock.after(HELLO_MS, () =>
      this.#hangUp('DEADLINE_EXCEEDED', `The handshake did not come within ${HELLO_MS / 1_000} s.`),
    );
    transport.onMessage((message) => this.#receive(message));
  }

  /** Whether a call or stream of it is open. */
  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  /** Ends the connection from this side, with a last word about it if there is one. */
  close(lastWord?: AppError): void {
    if (lastWord && this.#greeted) this.#refuse(0, lastWord);
    this.#transport.close();
    this.end();
  }

  /** The connection is gone: cancels what it asked for. */
  end(): void {
    this.#ended = true;
    this.#helloTimer[Symbol.dispose]();
    const gone = new AppError('TASK_CANCELLED', 'The connection that asked has ended.');
    for (const call of this.#open.values()) {
      call.pump?.stop();
      call.abort.abort(gone);
    }
    this.#open.clear();
  }

  #receive(raw: unknown): void {
    if (this.#ended) return;
    const parsed = clientMessage.safeParse(raw);
    if (!parsed.success) return this.#hangUp('INPUT_INVALID', 'A message does not have the form of the contract.');
    const message = parsed.data;
    if (!this.#greeted) return this.#greet(message);
    if (message.type === 'hello') return this.#hangUp('INPUT_INVALID', 'The handshake was made twice.');
    if (message.type === 'cancel') return this.#cancel(message.id);
    if (message.type === 'ack') return this.#open.get(message.id)?.pump?.acknowledge(message.items);
    this.#begin(message);
  }

  #greet(message: ClientMessage): void {
    if (message.type !== 'hello') return this.#hangUp('INPUT_INVALID', 'The first message must be the handshake.');
    if (message.version !== CONTRACT_VERSION) {
      return this.#hangUp(
        'CONTRACT_VERSION',
        `This instance speaks version ${CONTRACT_VERSION} of the contract and the caller ${message.version}; use the same version of Flotilla on both sides.`,
      );
    }
    this.#greeted = true;
    this.#helloTimer[Symbol.dispose]();
    this.#transport.send(this.#context.welcome);
  }

  #begin(message: Extract<ClientMessage, { type: 'call' | 'open' }>): void {
    const { id } = message;
    if (this.#open.has(id)) return this.#hangUp('INPUT_INVALID', 'Two calls have the same id.');
    const leaving = this.#context.leaving();
    if (leaving) return this.#refuse(id, leaving);
    const bound = this.#context.entries.get(message.entry);
    if (!bound || (bound.entry.kind === 'stream') !== (message.type === 'open')) {
      return this.#refuse(
        id,
        new AppError(
          'INPUT_INVALID',
          `This instance has no ${message.type === 'open' ? 'stream' : 'call'} "${message.entry}".`,
        ),
      );
    }
    if (this.#open.size >= MAX_OPEN_CALLS) {
      const details = { retryAfterMs: 100 };
      return this.#refuse(
        id,
        new AppError('LANE_SATURATED', `This connection has ${MAX_OPEN_CALLS} calls open already; wait for one.`, {
          details,
        }),
      );
    }
    if (!isPlain(message.input)) return this.#refuse(id, notPlain(message.entry));
    const input = bound.entry.input.safeParse(message.input);
    if (!input.success) return this.#refuse(id, invalidInput(message.entry, input.error));
    if (message.type === 'open') void this.#stream(id, bound, message, input.data);
    else void this.#call(id, bound, message, input.data);
  }

  async #call(
    id: number,
    bound: BoundEntry,
    message: Extract<ClientMessage, { type: 'call' }>,
    input: unknown,
  ): Promise<void> {
    const call: OpenCall = { abort: new AbortController() };
    this.#open.set(id, call);
    const { requestId, entry: name } = message;
    // A command's own end is not its caller's, nor is its caller's deadline: once accepted it goes on, so that a retry finds
    // what it came to.
    const isKept = bound.entry.kind === 'command' && requestId !== undefined;
    const outcome = isKept
      ? this.#context.memory.once(requestId, name, input, () =>
          this.#outcome(name, bound, input, new AbortController().signal),
        )
      : this.#outcome(name, bound, input, call.abort.signal);
    if (!outcome) {
      this.#open.delete(id);
      return this.#refuse(
        id,
        new AppError('INPUT_INVALID', 'This request id was used for another command; take a new one.'),
      );
    }
    using deadline = this.#expire(name, bound.entry);
    const answer = await Promise.race([outcome, deadline.outcome, cancellation(call.abort.signal)]);
    if (this.#open.delete(id) && answer) this.#transport.send({ id, ...answer });
    if (answer === deadline.late) call.abort.abort(deadline.error);
  }

  /** What is answered for a call that does not finish within its entry's deadline. */
  #expire(name: string, entry: Entry): Expiry {
    const deadlineMs = entry.kind === 'stream' ? Infinity : entry.deadlineMs;
    const error = new AppError('DEADLINE_EXCEEDED', `"${name}" did not finish within ${deadlineMs} ms; try again.`);
    const late: Outcome = { type: 'error', error: error.toData() };
    const expired = Promise.withResolvers<Outcome>();
    const timer = this.#context.clock.after(deadlineMs, () => expired.resolve(late));
    return { error, late, outcome: expired.promise, [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }

  /** Runs the handler; never rejects. */
  async #outcome(name: string, { entry, handler }: BoundEntry, input: unknown, signal: AbortSignal): Promise<Outcome> {
    if (entry.kind === 'stream') throw new AppError('INTERNAL', `"${name}" is a stream.`);
    try {
      return { type: 'result', output: entry.output.parse(await runHandler(handler, input, signal)) };
    } catch (error) {
      return { type: 'error', error: this.#toData(error, name, entry) };
    }
  }

  async #stream(
    id: number,
    { entry, handler }: BoundEntry,
    message: Extract<ClientMessage, { type: 'open' }>,
    input: unknown,
  ): Promise<void> {
    if (entry.kind !== 'stream') return;
    const abort = new AbortController();
    const pump = new StreamPump({
      entry,
      clock: this.#context.clock,
      credit: message.credit,
      send: (items, dropped) => this.#transport.send({ type: 'items', id, items: [...items], dropped }),
      room: () => this.#transport.room(),
    });
    this.#open.set(id, { abort, pump });
    try {
      const source = handler(input, { signal: abort.signal }) as AsyncIterable<unknown>;
      await pump.run(source, (item) => entry.item.parse(item));
      if (this.#open.delete(id)) this.#transport.send({ type: 'end', id });
    } catch (error) {
      if (this.#open.delete(id)) this.#refuse(id, this.#toData(error, message.entry, entry));
    }
  }

  #cancel(id: number): void {
    const call = this.#open.get(id);
    this.#open.delete(id);
    call?.pump?.stop();
    call?.abort.abort(new AppError('TASK_CANCELLED', 'The caller cancelled.'));
  }

  #toData(error: unknown, name: string, entry: Entry): ErrorData {
    return this.#context.refusal(error, name, entry).toData();
  }

  #refuse(id: number, error: ErrorData | AppError): void {
    const data = error instanceof AppError ? error.toData() : error;
    this.#transport.send({ type: 'error', id, error: data });
  }

  #hangUp(code: ErrorCode, sentence: string): void {
    this.#refuse(0, new AppError(code, sentence));
    this.close();
  }
}

async function runHandler(handler: AnyHandler, input: unknown, signal: AbortSignal): Promise<unknown> {
  return handler(input, { signal });
}

/** Resolves with nothing when the caller has gone, so that nobody waits for an answer that nobody wants. */
function cancellation(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function notPlain(name: string): AppError {
  return new AppError('INPUT_INVALID', `The input of "${name}" is too large, too deep, or holds what JSON cannot say.`);
}

function invalidInput(name: string, error: z.ZodError): AppError {
  const [first] = error.issues;
  const where = first && first.path.length > 0 ? ` at "${first.path.join('.')}"` : '';
  return new AppError('INPUT_INVALID', `The input of "${name}" is not right${where}: ${first?.message ?? 'unknown'}.`, {
    details: {
      issues: error.issues.slice(0, 20).map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    },
  });
}
