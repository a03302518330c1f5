import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Longest line of a source of agents, in UTF-16 units; as long as a prompt may be. */
const MAX_LINE_LENGTH = 1_000_000;
const CHUNK_BYTES = 64 * 1024;

/** A line of a text file, without its end. */
export interface TextLine {
  readonly line: number;
  readonly text: string;
}

/** Why a file cannot be read further; `line` is the place where it is the text's fault. */
export interface TextFault {
  readonly line?: number;
  readonly message: string;
}

/**
 * The lines of a UTF-8 file, one after the other, in bounded memory; a byte order mark is left out.
 *
 * Ends with a fault in place of a line when the file cannot be read, is not UTF-8 or has a line over 1,000,000 units.
 */
export async function* readLines(path: string): AsyncGenerator<TextLine | TextFault> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  let rest = '';
  try {
    for await (const chunk of readChunks(path)) {
      const text = rest + decoder.decode(chunk, { stream: chunk.length > 0 });
      // A CR at the end of a chunk may be half of a CRLF.
      const complete = chunk.length > 0 && text.endsWith('\r') ? text.slice(0, -1) : text;
      const lines = complete.split(/\r\n|\n|\r/);
      rest = lines.pop()! + text.slice(complete.length);
      for (const text of lines) yield { line: line++, text };
      if (rest.length > MAX_LINE_LENGTH) {
        yield { line, message: `a line may have at most ${MAX_LINE_LENGTH} characters` };
        return;
      }
    }
    if (rest !== '') yield { line, text: rest };
  } catch (error) {
    yield toFault(error, line);
  }
}

/** The bytes of a file; the last chunk is empty, so that a decoder can be closed. */
export async function* readChunks(path: string): AsyncGenerator<Buffer> {
  // A pipe without a writer would block the open for ever.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (!(await file.stat()).isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' });
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES);
    yield buffer.subarray(0, bytesRead);
    if (bytesRead === 0) return;
  }
}

/** A failure to read, in words that follow the name of the file. */
export function toFault(error: unknown, line: number): TextFault {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { line, message: 'not UTF-8 text from here on' };
  const words: Record<string, string> = {
    ENOENT: 'does not exist',
    ENOTDIR: 'does not exist',
    EISDIR: 'is not a file',
    EACCES: 'may not be read',
    EPERM: 'may not be read',
  };
  return { message: words[code] ?? `cannot be read (${code || String(error)})` };
}
