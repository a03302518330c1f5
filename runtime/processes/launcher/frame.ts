/**
 * What main and the launcher say to each other. `start` … `shutdown` go to the launcher, the others come from it.
 * Output travels as raw bytes, everything else as JSON.
 */
export const FRAME = {
  start: 1,
  input: 2,
  inputEnd: 3,
  stop: 4,
  shutdown: 5,
  started: 16,
  stdout: 17,
  stderr: 18,
  inputWanted: 19,
  ended: 20,
  failed: 21,
} as const;

/** The kind of a frame. */
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** One message between main and the launcher. */
export interface Frame {
  readonly kind: FrameKind;
  /** The process it is about; 0 when it is about none. */
  readonly id: number;
  readonly payload: Buffer;
}

/** Length of what follows (4 bytes), kind (1), id (4). */
const HEADER_BYTES = 9;

/** Above every legal frame: an argument list is limited to a few megabytes by the operating system. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

const EMPTY = Buffer.alloc(0);

/** The header of a frame whose payload has `payloadBytes`; the payload follows it unchanged. */
export function encodeHeader(kind: FrameKind, id: number, payloadBytes: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(payloadBytes + HEADER_BYTES - 4, 0);
  header.writeUInt8(kind, 4);
  header.writeUInt32LE(id, 5);
  return header;
}

/** A whole frame with a JSON payload, or with none. */
export function encodeFrame(kind: FrameKind, id: number, value?: unknown): Buffer {
  const payload = value === undefined ? EMPTY : Buffer.from(JSON.stringify(value));
  return Buffer.concat([encodeHeader(kind, id, payload.length), payload]);
}

/** The JSON payload of a frame that our own other side has written. */
export function decodeJson(frame: Frame): unknown {
  return JSON.parse(frame.payload.toString());
}

/** Cuts a byte stream into frames, wherever it was split. Holds at most one incomplete frame. */
export class FrameDecoder {
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  #neededBytes = HEADER_BYTES;

  /** The frames that `chunk` completes, in order. Payloads may share memory with `chunk`. Throws when the stream is not ours. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    const frames: Frame[] = [];
    if (this.#bufferedBytes < this.#neededBytes) return frames;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#neededBytes = HEADER_BYTES;
    while (bytes.length - at >= HEADER_BYTES) {
      const frameBytes = bytes.readUInt32LE(at) + 4;
      if (frameBytes < HEADER_BYTES || frameBytes > MAX_FRAME_BYTES)
        throw new Error('The launcher channel is damaged.');
      if (bytes.length - at < frameBytes) {
        this.#neededBytes = frameBytes;
        break;
      }
      frames.push({
        kind: bytes.readUInt8(at + 4) as FrameKind,
        id: bytes.readUInt32LE(at + 5),
        payload: bytes.subarray(at + HEADER_BYTES, at + frameBytes),
      });
      at += frameBytes;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#bufferedBytes = bytes.length - at;
    return frames;
  }
}
