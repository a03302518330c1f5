import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createSourceText } from './source-text.ts';
import type { ProblemList } from './problem-list.ts';

/** Largest fleet file read, in bytes: hundreds of agents with long prompts fit; a log or a database does not. */
const MAX_FLEET_FILE_BYTES = 4 * 1024 * 1024;

/**
 * The text of a fleet file; `undefined` when it is too large or not UTF-8, which is then in `problems`.
 *
 * @throws {AppError} FLEET_NOT_FOUND
 */
export async function loadFleetText(path: string, name: string, problems: ProblemList): Promise<string | undefined> {
  const bytes = await loadBytes(path, name);
  if (bytes === undefined) {
    const limit = `${MAX_FLEET_FILE_BYTES / 1024 / 1024} MiB`;
    const hint = 'move long lists into a file of their own and name it in `each`';
    problems.add({ source: createSourceText(name, ''), offset: 0 }, `a fleet file may have at most ${limit}`, hint);
    return undefined;
  }
  return parseFleetBytes(bytes, name, problems);
}

async function loadBytes(path: string, name: string): Promise<Buffer | undefined> {
  try {
    // A pipe without a writer would block the open for ever.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile()) {
      throw new AppError('FLEET_NOT_FOUND', `${name} is not a file; name a fleet file such as fleet.yaml.`);
    }
    if (stat.size > MAX_FLEET_FILE_BYTES) return undefined;
    const buffer = Buffer.alloc(MAX_FLEET_FILE_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    return length === buffer.length ? undefined : buffer.subarray(0, length);
  } catch (error) {
    throw toNotFound(error, name);
  }
}

function toNotFound(error: unknown, name: string): AppError {
  if (error instanceof AppError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Record<string, string> = {
    ENOENT: `There is no file ${name}; give the path of a fleet file, or start from one in examples/.`,
    ENOTDIR: `There is no file ${name}; a part of its path is not a folder.`,
    EISDIR: `${name} is a folder; give the path of a fleet file in it.`,
    EACCES: `${name} may not be read; change its permissions or run as its owner.`,
    EPERM: `${name} may not be read; change its permissions or run as its owner.`,
    ELOOP: `${name} is a link that leads back to itself.`,
  };
  const message = reasons[code ?? ''] ?? `${name} cannot be read (${code ?? String(error)}).`;
  return new AppError('FLEET_NOT_FOUND', message, { cause: error, details: { path: name } });
}

/** The text of `bytes`, without a byte order mark; `undefined` when they are not UTF-8, which is then in `problems`. */
function parseFleetBytes(bytes: Buffer, name: string, problems: ProblemList): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const before = toValidPrefix(bytes);
    const wide =
      bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
    const message = wide ? 'the file is UTF-16; a fleet file is UTF-8 text' : 'the file is not UTF-8 text from here on';
    problems.add(
      { source: createSourceText(name, before), offset: before.length },
      message,
      'save it with the encoding UTF-8',
    );
    return undefined;
  }
}

/** What stands before the first byte that is not UTF-8. */
function toValidPrefix(bytes: Buffer): string {
  let low = 0;
  let high = bytes.length;
  const isValid = (end: number) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isValid(middle)) low = middle;
    else high = middle - 1;
  }
  return new TextDecoder('utf-8').decode(bytes.subarray(0, low), { stream: true });
}
