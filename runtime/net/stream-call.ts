import { subscribe } from 'node:diagnostics_channel';
import { constants, type ClientHttp2Stream } from 'node:http2';
import type { Dispatcher } from 'undici';
import { prepareBody } from './request-body.ts';
import type { AppError } from '../../shared/errors/app-error.ts';

/** A request whose body is known. */
export interface StreamRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  /** Names and values in turn, lower-case names. */
  readonly headers: string[];
  readonly body?: string;
}

/** Headers of an answer, lower-case names. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Hears an answer as it arrives: `onSent`, `onHead`, `onData` any number of times, then exactly one of `onEnd` and
 * `onFailure`; nothing after `cancel`. `onData` must not throw and must not keep the chunk, whose memory is shared.
 */
export interface StreamReceiver {
  /** The request goes onto the wire; before, it waited for a connection. */
  onSent(): void;
  onHead(status: number, headers: ResponseHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** PROVIDER_UNREACHABLE or PROVIDER_CERTIFICATE_REFUSED before a connection was made, PROVIDER_STREAM_BROKEN after. */
  onFailure(error: AppError): void;
}

/** A request under way. */
export interface OpenStream {
  /** Ends it: over HTTP/2 its stream is reset, over HTTP/1.1 its connection is closed. The receiver hears nothing more. */
  cancel(): void;
}

/** What a call needs of the connections it runs on. */
export interface StreamCallContext {
  readonly receiver: StreamReceiver;
  readonly tally: { openStreams: number; readonly protocol: 'h1' | 'h2' | undefined };
  readonly toError: (error: unknown, connected: boolean) => AppError;
}

const CANCELLED = new Error('The request was cancelled.');

/** RFC 9113, 7: the stream is no longer needed. */
const CANCEL_CODE = constants.NGHTTP2_CANCEL;

/** The call whose HTTP/2 stream undici is about to open: it does so in the same turn in which it starts the request. */
let starting: StreamCall | undefined;
const markStarting = (call: StreamCall): void => {
  starting = call;
};
const forgetStarting = (): void => {
  starting = undefined;
};

subscribe('http2.client.stream.created', (message) => {
  const call = starting;
  starting = undefined;
  call?.keepStream((message as { stream: ClientHttp2Stream }).stream);
});

/**
 * One request on a dispatcher, at the lowest level undici has: no `Readable` and no promise in between, which is worth
 * about a third of the CPU of a streamed token.
 */
export class StreamCall implements OpenStream, Dispatcher.DispatchHandler {
  readonly #context: StreamCallContext;
  #controller: Dispatcher.DispatchController | undefined;
  #stream: ClientHttp2Stream | undefined;
  #state: 'waiting' | 'sent' | 'over' = 'waiting';

  constructor(dispatcher: Dispatcher, origin: string, request: StreamRequest, context: StreamCallContext) {
    this.#context = context;
    const { headers, body } = prepareBody(request.headers, request.body, context.tally.protocol !== 'h1');
    dispatcher.dispatch(
      { origin, path: request.path, method: request.method, headers, body: body as Dispatcher.DispatchOptions['body'] },
      this,
    );
    forgetStarting();
  }

  cancel(): void {
    if (this.#state === 'over') return;
    this.#finish();
    // Undici would close the stream without an error code and destroy it; Node (24.21) then sends the rest of the request's
    // body for ever, in a loop that never returns and takes all memory. Closed with a code first, it does not.
    this.#stream?.close(CANCEL_CODE);
    this.#controller?.abort(CANCELLED);
  }

  /** Called with the HTTP/2 stream this call runs on. */
  keepStream(stream: ClientHttp2Stream): void {
    this.#stream = stream;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#state === 'over') return controller.abort(CANCELLED);
    markStarting(this);
    queueMicrotask(forgetStarting);
    // Undici starts a request again when the server refused its HTTP/2 stream unread.
    if (this.#state === 'sent') return;
    this.#state = 'sent';
    this.#context.tally.openStreams++;
    this.#context.receiver.onSent();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    // Interim answers (100, 103) say nothing about the request.
    if (this.#state === 'over' || status < 200) return;
    this.#context.receiver.onHead(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state !== 'over') this.#context.receiver.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#state === 'over') return;
    this.#finish();
    this.#context.receiver.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#state === 'over') return;
    const connected = this.#state === 'sent';
    this.#finish();
    this.#context.receiver.onFailure(this.#context.toError(error, connected));
  }

  #finish(): void {
    if (this.#state === 'sent') this.#context.tally.openStreams--;
    this.#state = 'over';
  }
}
