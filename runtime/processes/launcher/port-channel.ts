import { Duplex } from 'node:stream';

/** A way to another process of ours that carries whole messages: the port of an Electron utility process. */
export interface ModulePort {
  post(message: unknown): void;
  /** One listener, for as long as the port lives. */
  listen(listener: (message: unknown) => void): void;
}

/** Bytes that may be under way and unread; a pipe of the system holds as many. */
const WINDOW_BYTES = 64 * 1024;

/**
 * A byte stream over a port. A port has no back-pressure of its own, so the reading side says how many bytes it took, and
 * the writing side waits beyond `WINDOW_BYTES`.
 *
 * On the port: bytes are bytes, a number is that many bytes taken, `null` is the end.
 */
export class PortChannel extends Duplex {
  readonly #port: ModulePort;
  #underWayBytes = 0;
  #untakenBytes = 0;
  #goOn: (() => void) | undefined;

  constructor(port: ModulePort) {
    super({ allowHalfOpen: false });
    this.#port = port;
    port.listen((message) => this.#receive(message));
  }

  /** The other process is gone: what has arrived can still be read. */
  endByPeer(): void {
    this.#took(this.#underWayBytes);
    if (!this.readableEnded && !this.destroyed) this.push(null);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // A buffer may be a part of a larger one, which would be copied as a whole.
    this.#port.post(new Uint8Array(chunk));
    this.#underWayBytes += chunk.length;
    if (this.#underWayBytes <= WINDOW_BYTES) done();
    else this.#goOn = done;
  }

  /** After the last byte was taken: a process that exits then loses nothing. */
  override _final(done: () => void): void {
    const end = (): void => {
      this.#port.post(null);
      done();
    };
    if (this.#underWayBytes === 0) end();
    else this.#goOn = () => this._final(done);
  }

  override _read(): void {
    if (this.#untakenBytes === 0) return;
    this.#port.post(this.#untakenBytes);
    this.#untakenBytes = 0;
  }

  #receive(message: unknown): void {
    if (typeof message === 'number') return this.#took(message);
    if (this.destroyed || this.readableEnded) return;
    if (message === null) return void this.push(null);
    if (!(message instanceof Uint8Array)) return;
    if (this.push(Buffer.from(message.buffer, message.byteOffset, message.byteLength))) {
      this.#port.post(message.byteLength);
    } else {
      this.#untakenBytes += message.byteLength;
    }
  }

  #took(bytes: number): void {
    this.#underWayBytes = Math.max(0, this.#underWayBytes - bytes);
    const goOn = this.#goOn;
    if (this.#underWayBytes > WINDOW_BYTES || !goOn) return;
    this.#goOn = undefined;
    goOn();
  }
}
