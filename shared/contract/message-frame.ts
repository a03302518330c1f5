import { AppError } from '../errors/app-error.ts';
import { alignUp } from '../table/table-layout.ts';

/**
 * One message as it crosses a WebSocket: a text when it is all JSON, else one binary frame.
 *
 * Only a whole item of a stream and the whole output of a call may be bytes; they are found without a search. The frame:
 * length of the head (32 bits, little-endian), the head as JSON, then each run of bytes, everything from a multiple of 8 on.
 */
export function toFrame(message: object): string | Uint8Array<ArrayBuffer> {
  const parts = partsOf(message as FramedMessage);
  if (parts.length === 0) return JSON.stringify(message);
  const sizes = parts.map((part) => part.byteLength);
  const head = new TextEncoder().encode(JSON.stringify({ message: withoutParts(message as FramedMessage), sizes }));
  const start = alignUp(LENGTH_BYTES + head.byteLength);
  const frame = new Uint8Array(sizes.reduce((sum, size) => sum + alignUp(size), start));
  new DataView(frame.buffer).setUint32(0, head.byteLength, true);
  frame.set(head, LENGTH_BYTES);
  let at = start;
  for (const part of parts) {
    frame.set(part, at);
    at += alignUp(part.byteLength);
  }
  return frame;
}

/**
 * The message of a binary frame; its bytes lie in the frame itself.
 *
 * @throws {AppError} INPUT_INVALID
 */
export function fromFrame(frame: Uint8Array): unknown {
  const { head, start } = readHead(frame);
  const parts: Uint8Array[] = [];
  let at = start;
  for (const size of head.sizes) {
    if (!Number.isSafeInteger(size) || size < 0 || at + size > frame.byteLength) throw malformed();
    parts.push(frame.subarray(at, at + size));
    at += alignUp(size);
  }
  return withParts(head.message, parts);
}

const LENGTH_BYTES = 4;

/** Stands in the head where bytes belong. */
const PLACE = { bytes: true } as const;

interface FramedMessage {
  readonly type?: unknown;
  readonly items?: readonly unknown[];
  readonly output?: unknown;
}

interface FrameHead {
  readonly message: FramedMessage;
  readonly sizes: readonly number[];
}

function partsOf({ type, items, output }: FramedMessage): readonly Uint8Array[] {
  if (type === 'items') return items?.filter((item) => item instanceof Uint8Array) ?? [];
  return type === 'result' && output instanceof Uint8Array ? [output] : [];
}

function withoutParts(message: FramedMessage): FramedMessage {
  if (message.type === 'result') return { ...message, output: PLACE };
  return { ...message, items: message.items?.map((item) => (item instanceof Uint8Array ? PLACE : item)) };
}

function withParts(message: FramedMessage, parts: Uint8Array[]): FramedMessage {
  let next = 0;
  const fill = (value: unknown): unknown => {
    const isPlace = typeof value === 'object' && value !== null && Object.hasOwn(value, 'bytes') && next < parts.length;
    return isPlace ? parts[next++] : value;
  };
  const filled =
    message.type === 'result'
      ? { ...message, output: fill(message.output) }
      : { ...message, items: Array.isArray(message.items) ? message.items.map(fill) : [] };
  if (next !== parts.length) throw malformed();
  return filled;
}

function readHead(frame: Uint8Array): { readonly head: FrameHead; readonly start: number } {
  if (frame.byteLength < LENGTH_BYTES) throw malformed();
  const length = new DataView(frame.buffer, frame.byteOffset, LENGTH_BYTES).getUint32(0, true);
  if (LENGTH_BYTES + length > frame.byteLength) throw malformed();
  const head = parseHead(new TextDecoder().decode(frame.subarray(LENGTH_BYTES, LENGTH_BYTES + length)));
  return { head, start: alignUp(LENGTH_BYTES + length) };
}

function parseHead(text: string): FrameHead {
  try {
    const head = JSON.parse(text) as FrameHead;
    if (typeof head.message === 'object' && head.message !== null && Array.isArray(head.sizes)) return head;
  } catch {
    // What is not JSON is refused like what has another form.
  }
  throw malformed();
}

function malformed(): AppError {
  return new AppError('INPUT_INVALID', 'The other side sent a frame that is not a message.');
}
