import { threadBuffers } from '../memory/pools/thread-buffers.ts';

const encoder = new TextEncoder();

/** An output as it leaves the program. */
export interface CappedOutput {
  readonly text: string;
  /** Size before anything was cut. */
  readonly outputBytes: number;
}

/**
 * Cuts `text` to at most `maxBytes` of UTF-8, between characters, and says on a last line how many bytes are missing.
 * The marker is not counted in `maxBytes`.
 *
 * @param fullBytes Size before, when the text was cut earlier already.
 */
export function capOutput(text: string, maxBytes: number, fullBytes = 0): CappedOutput {
  const textBytes = Buffer.byteLength(text);
  const outputBytes = Math.max(textBytes, fullBytes);
  if (outputBytes <= maxBytes) return { text, outputBytes };
  const kept = textBytes <= maxBytes ? text : toPrefix(text, maxBytes);
  const cutBytes = outputBytes - Buffer.byteLength(kept);
  if (cutBytes === 0) return { text, outputBytes };
  const lineEnd = kept === '' || kept.endsWith('\n') ? '' : '\n';
  return { text: `${kept}${lineEnd}[${cutBytes} bytes cut; the limit is ${maxBytes} bytes]`, outputBytes };
}

/** The longest beginning of `text` that has at most `maxBytes` of UTF-8 and splits no character. */
function toPrefix(text: string, maxBytes: number): string {
  // Only the length matters: with a new buffer of 256 KB each time this took eight times as long.
  using loan = threadBuffers.acquire(Math.max(0, maxBytes));
  const { read } = encoder.encodeInto(text, loan.bytes.subarray(0, Math.max(0, maxBytes)));
  return text.slice(0, read);
}

/** Where a cut at `end` has to move back to so that it splits no UTF-8 sequence of `bytes`. */
export function toCharacterBoundary(bytes: Uint8Array, end: number): number {
  let boundary = Math.min(end, bytes.length);
  if (boundary === bytes.length && end > bytes.length) return boundary;
  for (let back = 0; back < 4 && boundary > 0 && ((bytes[boundary] ?? 0) & 0xc0) === 0x80; back++) boundary--;
  return boundary;
}
