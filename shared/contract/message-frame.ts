import { AppError } from '../errors/app-error.ts';
import { alignUp } from '../table/table-layout.ts';

/**
 * One message as it crosses a WebSocket: a text when it is all JSON, else one binary frame.
 *
 * Only a whole item of a stream and the whole output of a call may be bytes; they are found without a search. The frame:
 * length of the head (32 bits, little-endian), the head as JSON, then each run of bytes, everything from a multiple of 8 on.
 */
export function toFrame(message: object): string | Uint8Array<ArrayBuffer> {
  const { bare, parts } = takeOut(message);
  if (parts.length === 0) return JSON.stringify(message);
  const places = parts.map(({ at, bytes }) => [at, bytes.byteLength] as const);
  const head = new TextEncoder().encode(JSON.stringify({ message: bare, places } satisfies FrameHead));
  const start = alignUp(LENGTH_BYTES + head.byteLength);
  const frame = new Uint8Array(parts.reduce((sum, { bytes }) => sum + alignUp(bytes.byteLength), start));
  new DataView(frame.buffer).setUint32(0, head.byteLength, true);
  frame.set(head, LENGTH_BYTES);
  let at = start;
  for (const { bytes } of parts) {
    frame.set(bytes, at);
    at += alignUp(bytes.byteLength);
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
  let { message } = head;
  let at = start;
  for (const [place, size] of head.places) {
    if (!Number.isSafeInteger(size) || size < 0 || at + size > frame.byteLength) throw malformed();
    message = putBack(message, place, frame.subarray(at, at + size));
    at += alignUp(size);
  }
  return message;
}

const LENGTH_BYTES = 4;

/** Place of the bytes that are the output of a call; the others are positions among the items. */
const OUTPUT = -1;

interface FramedMessage {
  readonly type?: unknown;
  readonly items?: readonly unknown[];
  readonly output?: unknown;
}

interface FrameHead {
  /** With `null` where bytes belong. */
  readonly message: FramedMessage;
  /** Place and size of each run of bytes, in their order. */
  readonly places: readonly (readonly [at: number, byteLength: number])[];
}

interface Part {
  readonly at: number;
  readonly bytes: Uint8Array;
}

function takeOut(message: FramedMessage): { readonly bare: FramedMessage; readonly parts: readonly Part[] } {
  const { type, items, output } = message;
  if (type === 'result' && output instanceof Uint8Array) {
    return { bare: { ...message, output: null }, parts: [{ at: OUTPUT, bytes: output }] };
  }
  if (type !== 'items' || !items) return { bare: message, parts: [] };
  const parts = items.flatMap((item, at) => (item instanceof Uint8Array ? [{ at, bytes: item }] : []));
  const bare = { ...message, items: items.map((item) => (item instanceof Uint8Array ? null : item)) };
  return { bare, parts };
}

function putBack(message: FramedMessage, at: number, bytes: Uint8Array): FramedMessage {
  if (at === OUTPUT) return { ...message, output: bytes };
  if (!Array.isArray(message.items) || message.items[at] !== null) throw malformed();
  return { ...message, items: message.items.with(at, bytes) };
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
    // Only a text in which the name occurs, also written with escapes, pays for the second look.
    const head = JSON.parse(text, /__proto__|\\u/.test(text) ? refusePrototype : undefined) as FrameHead;
    const isWhole = typeof head.message === 'object' && head.message !== null && Array.isArray(head.places);
    if (isWhole && head.places.every((place) => Array.isArray(place))) return head;
  } catch {
    // What is not JSON is refused like what has another form.
  }
  throw malformed();
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw malformed();
  return value;
}

function malformed(): AppError {
  return new AppError('INPUT_INVALID', 'The other side sent a frame that is not a message.');
}
