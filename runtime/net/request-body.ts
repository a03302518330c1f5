/**
 * Bodies longer than this go out in pieces over HTTP/2: a body that is handed over whole counts against the 10 MB that
 * Node lets one HTTP/2 session hold (undici offers no way to raise it), and beyond them requests fail unsent.
 */
const WHOLE_BODY_BYTES = 64 * 1024;
/** The size of a frame that every peer accepts (RFC 9113, 4.2). */
const PIECE_BYTES = 16 * 1024;

function* cut(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** A body and the headers it needs, as undici takes them. */
export interface PreparedBody {
  readonly headers: string[];
  readonly body: string | Buffer | Iterable<Buffer> | null;
}

/** Prepares a body for the wire: in one piece, or when `inPieces` and long, in pieces that wait for one another. */
export function prepareBody(headers: string[], body: string | undefined, inPieces: boolean): PreparedBody {
  if (body === undefined) return { headers, body: null };
  if (!inPieces || body.length <= WHOLE_BODY_BYTES) return { headers, body };
  const bytes = Buffer.from(body);
  return { headers: [...headers, 'content-length', String(bytes.length)], body: cut(bytes) };
}
