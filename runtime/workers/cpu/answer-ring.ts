import { DefaultSerializer, deserialize } from 'node:v8';
import { AppError, type ErrorData } from '../../../shared/errors/app-error.ts';
import { CONTROL, RING_WORDS, type SharedCells } from './shared-memory.ts';

/** A record: a word of slot and kind, a word of microseconds that the task took, a word of body bytes, the body. */
const HEAD_WORDS = 3;
const KIND_SHIFT = 16;
const SLOT_BITS = 0xffff;
const RING_MASK = RING_WORDS - 1;
/** What is larger goes through the port: one answer may not fill the ring of all others. */
const MAX_BODY_BYTES = RING_WORDS / 4;
/** UTF-8 needs at most this for a code unit of a string. */
const UTF8_BYTES_PER_UNIT = 3;

const KIND = {
  /** Nothing until the end of the ring. */
  padding: 0,
  undefined: 1,
  null: 2,
  true: 3,
  false: 4,
  integer: 5,
  double: 6,
  ascii: 7,
  utf8: 8,
  serialized: 9,
  error: 10,
} as const;

/** As `serialize` of Node, which would copy a view of shared memory as if it were not shared. */
class UnsharedSerializer extends DefaultSerializer {
  _writeHostObject(view: ArrayBufferView): void {
    if (view.buffer instanceof SharedArrayBuffer) throw new TypeError('Shared memory is not copied.');
    ofNode._writeHostObject.call(this, view);
  }
}

/** Node calls it by this name; its types keep it to themselves. */
const ofNode = DefaultSerializer.prototype as unknown as { _writeHostObject(view: ArrayBufferView): void };

function serialize(value: unknown): Buffer {
  const serializer = new UnsharedSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

/** Called with each answer, in the order in which they were written. */
export type OnAnswer = (slot: number, isError: boolean, value: unknown, durationUs: number) => void;

const scratch = new Float64Array(1);
const scratchWords = new Int32Array(scratch.buffer);

/**
 * The thread's side of its answers in shared memory: readable by the owner as soon as they are written, also when the thread
 * spins in its next task, and after its death. One writer, one reader; neither waits for the other.
 */
export class AnswerWriter {
  private readonly cells: SharedCells;
  private written = 0;
  private at = 0;

  constructor(cells: SharedCells) {
    this.cells = cells;
  }

  /** Writes an answer; false when it does not fit or is nothing for the ring: it has to go through the port then. */
  write(slot: number, value: unknown, durationUs: number): boolean {
    switch (typeof value) {
      case 'undefined':
        return this.writeWords(slot, KIND.undefined, durationUs);
      case 'boolean':
        return this.writeWords(slot, value ? KIND.true : KIND.false, durationUs);
      case 'number':
        return this.writeNumber(slot, value, durationUs);
      case 'string':
        return this.writeString(slot, value, durationUs);
      default:
        if (value === null) return this.writeWords(slot, KIND.null, durationUs);
        return this.writeSerialized(slot, KIND.serialized, value, durationUs);
    }
  }

  /** As `write`, for what the task threw. */
  writeError(slot: number, error: ErrorData, durationUs: number): boolean {
    return this.writeSerialized(slot, KIND.error, error, durationUs);
  }

  private writeNumber(slot: number, value: number, durationUs: number): boolean {
    if ((value | 0) === value && !Object.is(value, -0)) {
      if (!this.reserve(HEAD_WORDS + 1)) return false;
      this.cells.ring[this.at + HEAD_WORDS] = value;
      return this.commit(slot, KIND.integer, durationUs, 4);
    }
    if (!this.reserve(HEAD_WORDS + 2)) return false;
    scratch[0] = value;
    this.cells.ring.set(scratchWords, this.at + HEAD_WORDS);
    return this.commit(slot, KIND.double, durationUs, 8);
  }

  private writeString(slot: number, value: string, durationUs: number): boolean {
    const mostBytes = value.length * UTF8_BYTES_PER_UNIT;
    // Half of a surrogate pair has no place in UTF-8.
    if (mostBytes > MAX_BODY_BYTES * UTF8_BYTES_PER_UNIT || !value.isWellFormed()) return false;
    if (!this.reserve(HEAD_WORDS + ((mostBytes + 3) >> 2))) return false;
    const bytes = this.cells.bytes.write(value, (this.at + HEAD_WORDS) << 2, mostBytes, 'utf8');
    return this.commit(slot, bytes === value.length ? KIND.ascii : KIND.utf8, durationUs, bytes);
  }

  private writeSerialized(slot: number, kind: number, value: unknown, durationUs: number): boolean {
    let body: Buffer;
    try {
      body = serialize(value);
    } catch {
      // A port takes memory that is shared; what it does not take either fails there, with its reason.
      return false;
    }
    if (body.byteLength > MAX_BODY_BYTES || !this.reserve(HEAD_WORDS + ((body.byteLength + 3) >> 2))) return false;
    body.copy(this.cells.bytes, (this.at + HEAD_WORDS) << 2);
    return this.commit(slot, kind, durationUs, body.byteLength);
  }

  private writeWords(slot: number, kind: number, durationUs: number): boolean {
    return this.reserve(HEAD_WORDS) && this.commit(slot, kind, durationUs, 0);
  }

  /** Makes room for `words` that lie side by side, from `at` on. */
  private reserve(words: number): boolean {
    const { ring, control } = this.cells;
    const free = RING_WORDS - ((this.written - Atomics.load(control, CONTROL.readWords)) | 0);
    const at = this.written & RING_MASK;
    const left = RING_WORDS - at;
    if (words <= left) {
      this.at = at;
      return words <= free;
    }
    if (left + words > free) return false;
    ring[at] = KIND.padding;
    this.written = (this.written + left) | 0;
    this.at = 0;
    return true;
  }

  private commit(slot: number, kind: number, durationUs: number, bodyBytes: number): true {
    const { ring, control } = this.cells;
    ring[this.at] = slot | (kind << KIND_SHIFT);
    ring[this.at + 1] = durationUs;
    ring[this.at + 2] = bodyBytes;
    this.written = (this.written + HEAD_WORDS + ((bodyBytes + 3) >> 2)) | 0;
    Atomics.store(control, CONTROL.writtenWords, this.written);
    return true;
  }
}

/** The owner's side of the answers that `AnswerWriter` writes. */
export class AnswerReader {
  private readonly cells: SharedCells;
  private read = 0;

  constructor(cells: SharedCells) {
    this.cells = cells;
  }

  /** Reads what has been written; how many answers there were. */
  drain(onAnswer: OnAnswer): number {
    const { ring, control } = this.cells;
    let count = 0;
    for (;;) {
      const written = Atomics.load(control, CONTROL.writtenWords);
      if (written === this.read) return count;
      while (this.read !== written) {
        const at = this.read & RING_MASK;
        const head = ring[at]!;
        const kind = head >>> KIND_SHIFT;
        if (kind === KIND.padding) {
          this.read = (this.read + RING_WORDS - at) | 0;
          continue;
        }
        const bodyBytes = ring[at + 2]!;
        const value = this.readBody(kind, at + HEAD_WORDS, bodyBytes);
        this.read = (this.read + HEAD_WORDS + ((bodyBytes + 3) >> 2)) | 0;
        count++;
        onAnswer(head & SLOT_BITS, kind === KIND.error, value, ring[at + 1]!);
      }
      Atomics.store(control, CONTROL.readWords, this.read);
    }
  }

  private readBody(kind: number, at: number, bodyBytes: number): unknown {
    const { ring, bytes } = this.cells;
    switch (kind) {
      case KIND.undefined:
        return undefined;
      case KIND.null:
        return null;
      case KIND.true:
      case KIND.false:
        return kind === KIND.true;
      case KIND.integer:
        return ring[at];
      case KIND.double:
        scratchWords[0] = ring[at]!;
        scratchWords[1] = ring[at + 1]!;
        return scratch[0];
      case KIND.ascii:
        return bytes.toString('latin1', at << 2, (at << 2) + bodyBytes);
      case KIND.utf8:
        return bytes.toString('utf8', at << 2, (at << 2) + bodyBytes);
      default: {
        // V8 reads from memory of its own only.
        const value: unknown = deserialize(Buffer.from(bytes.subarray(at << 2, (at << 2) + bodyBytes)));
        return kind === KIND.error ? AppError.fromData(value as ErrorData) : value;
      }
    }
  }
}
