import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import type { ResponseHeaders, OpenStream, StreamReceiver } from '../net/stream-call.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { EventStream } from './wire/event-stream.ts';
import type { AskOptions, ModelReply } from './provider.ts';
import { parseRetryAfterMs } from './rate-headers.ts';
import { toRefusal, toReportedRefusal, type RefusingParty } from './refusal.ts';
import { ReportedError, type ReplyReader } from './wire/wire-format.ts';

/** Bytes read of an answer that is not a stream: an error, or a whole answer where a stream was asked for. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** How long a stream may stay open after its last event, before it is closed from here. */
const CLOSING_GRACE_MS = 250;

/** What an exchange needs of the provider it belongs to. */
export interface ExchangeContext extends RefusingParty {
  readonly clock: Clock;
  readonly stallMs: number;
  /** Called with the headers of every answer. */
  noteHeaders(headers: ResponseHeaders): void;
}

/** Who hears how an exchange ended: exactly one of the two, once. */
export interface ExchangeOutcome {
  resolve(reply: ModelReply): void;
  reject(error: unknown): void;
}

/**
 * One request and its streamed answer: decoding, the stall limit, the deadline, cancellation and what each failure means.
 *
 * A single timer serves both limits: it is armed for the earlier of them and, when bytes came in between, armed again;
 * a stream of a million tokens costs no more timers than one of ten.
 */
export class Exchange implements StreamReceiver {
  readonly #context: ExchangeContext;
  readonly #options: AskOptions;
  readonly #outcome: ExchangeOutcome;
  readonly #reader: ReplyReader;
  readonly #askedAtMs: number;
  #stream: OpenStream | undefined;
  #timer: Timer | undefined;
  #state: 'waiting' | 'reading' | 'complete' | 'settled' = 'waiting';
  #lastEventAtMs: number;
  #firstTokenMs: number | undefined;
  #events: EventStream | undefined;
  #status = 0;
  #headers: ResponseHeaders = {};
  #body: Buffer[] = [];
  #bodyBytes = 0;

  constructor(context: ExchangeContext, reader: ReplyReader, options: AskOptions, outcome: ExchangeOutcome) {
    this.#context = context;
    this.#reader = reader;
    this.#options = options;
    this.#outcome = outcome;
    this.#askedAtMs = context.clock.monoMs();
    this.#lastEventAtMs = this.#askedAtMs;
  }

  /** Starts the clock; `open` sends the request and may call back before it returns. */
  start(open: (receiver: StreamReceiver) => OpenStream): void {
    this.#options.signal.addEventListener('abort', this.#onAbort);
    this.#arm(Math.min(this.#options.deadlineMs, this.#context.stallMs));
    const stream = open(this);
    if (this.#state === 'settled') stream.cancel();
    else this.#stream = stream;
  }

  onSent(): void {
    if (this.#state === 'waiting') this.#state = 'reading';
    this.#lastEventAtMs = this.#context.clock.monoMs();
  }

  onHead(status: number, headers: ResponseHeaders): void {
    this.#status = status;
    this.#headers = headers;
    this.#lastEventAtMs = this.#context.clock.monoMs();
    this.#context.noteHeaders(headers);
    const type = String(headers['content-type']);
    const whole = status >= 300 || type.startsWith('application/json') || type.startsWith('text/html');
    if (!whole) this.#events = new EventStream(this.#onEvent);
  }

  onData(chunk: Buffer): void {
    try {
      // Of a stream only events are signs of life: a gateway sends comments for a model that has long stopped.
      if (this.#events === undefined) this.#keep(chunk);
      else if (this.#state === 'reading') this.#events.feed(chunk);
    } catch (error) {
      this.#fail(this.#toFailure(error));
    }
  }

  onEnd(): void {
    if (this.#state === 'settled') return;
    try {
      if (this.#events !== undefined) this.#events.end();
      else this.#readWhole();
    } catch (error) {
      // A cut in the middle of an event leaves half a JSON text; that is a broken stream, not a wrong one.
      if (this.#events === undefined || !isAppError(error, 'PROVIDER_PROTOCOL')) {
        return this.#fail(this.#toFailure(error));
      }
    }
    this.#conclude(undefined);
  }

  onFailure(error: AppError): void {
    this.#conclude(error);
  }

  readonly #onAbort = (): void => {
    this.#fail(this.#options.signal.reason);
  };

  readonly #onEvent = (data: string): void => {
    const nowMs = this.#context.clock.monoMs();
    this.#lastEventAtMs = nowMs;
    if (this.#state !== 'reading') return;
    this.#firstTokenMs ??= nowMs - this.#askedAtMs;
    if (!this.#reader.read(data)) return;
    this.#state = 'complete';
    this.#arm(CLOSING_GRACE_MS);
  };

  /** Settles with the answer when the model had said why it stopped, else as a stream that `cause` broke. */
  #conclude(cause: AppError | undefined): void {
    if (this.#state === 'settled') return;
    const reply = this.#reader.reply();
    if (reply.finish === undefined) return this.#fail(this.#withProgress(cause ?? this.#toBroken()));
    this.#settle();
    this.#outcome.resolve({ ...reply, finish: reply.finish, firstTokenMs: this.#firstTokenMs ?? 0 });
  }

  #toBroken(): AppError {
    const sentence = `The stream of ${this.#context.who} ended before its answer did.`;
    return new AppError('PROVIDER_STREAM_BROKEN', sentence);
  }

  /** An answer that came in one piece: an error, a web page, or a reply from a server that does not stream. */
  #readWhole(): void {
    const body = Buffer.concat(this.#body).toString('utf8');
    if (this.#status >= 300) throw toRefusal(this.#status, body, this.#retryAfter(), this.#context);
    if (String(this.#headers['content-type']).startsWith('text/html')) {
      throw new AppError('PROVIDER_PROTOCOL', `${this.#context.who} answered with a web page; check the base address.`);
    }
    this.#onEvent(body);
  }

  #keep(chunk: Buffer): void {
    this.#lastEventAtMs = this.#context.clock.monoMs();
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes > MAX_BODY_BYTES) {
      throw new AppError('PROVIDER_PROTOCOL', `The answer is longer than ${MAX_BODY_BYTES} bytes.`);
    }
    this.#body.push(Buffer.from(chunk));
  }

  #arm(delayMs: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#context.clock.after(Math.max(1, Math.ceil(delayMs)), this.#onTimer);
  }

  readonly #onTimer = (): void => {
    if (this.#state === 'settled') return;
    const { clock, stallMs, who } = this.#context;
    if (this.#state === 'complete') {
      const stream = this.#stream;
      this.#conclude(undefined);
      return stream?.cancel();
    }
    const nowMs = clock.monoMs();
    const deadlineInMs = this.#askedAtMs + this.#options.deadlineMs - nowMs;
    // Waiting for a connection has its own limit; silence counts from the request on the wire.
    const stallInMs = this.#state === 'waiting' ? stallMs : this.#lastEventAtMs + stallMs - nowMs;
    if (deadlineInMs <= 0) {
      const sentence = `${who} did not finish its answer within ${toSeconds(this.#options.deadlineMs)}.`;
      return this.#fail(this.#withProgress(new AppError('DEADLINE_EXCEEDED', sentence)));
    }
    if (stallInMs <= 0) {
      const sentence = `${who} sent nothing for ${toSeconds(stallMs)}; it may be overloaded or loading its model.`;
      return this.#fail(this.#withProgress(new AppError('PROVIDER_STALLED', sentence)));
    }
    this.#arm(Math.min(deadlineInMs, stallInMs));
  };

  #fail(reason: unknown): void {
    if (this.#state === 'settled') return;
    const stream = this.#stream;
    this.#settle();
    stream?.cancel();
    this.#outcome.reject(reason);
  }

  #settle(): void {
    this.#state = 'settled';
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }

  #toFailure(error: unknown): unknown {
    if (error instanceof ReportedError) {
      return toReportedRefusal(error.error, this.#progress(this.#retryAfter()), this.#context);
    }
    return isAppError(error) ? this.#withProgress(error) : error;
  }

  #retryAfter(): { retryAfterMs?: number } {
    const retryAfterMs = parseRetryAfterMs(this.#headers, this.#context.clock.nowMs());
    return retryAfterMs === undefined ? {} : { retryAfterMs };
  }

  #withProgress(error: AppError): AppError {
    return new AppError(error.code, error.message, { details: this.#progress(error.details), cause: error.cause });
  }

  /** What had arrived, for the record of the broken turn. */
  #progress(details: object): Record<string, unknown> {
    const { text, usage } = this.#reader.reply();
    return { ...details, text, ...(usage === undefined ? {} : { usage }) };
  }
}

function toSeconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
