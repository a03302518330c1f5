import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isMap, Lexer, parseDocument } from 'yaml';
import { findTooDeep } from '../../shared/fleet/yaml-nesting.ts';

/** Name and description stand at the beginning of a fleet file; what follows is not read, in bytes. */
const HEAD_BYTES = 16 * 1024;

/** Longest name and description shown in a list, in characters. */
const MAX_NAME_CHARS = 100;
const MAX_DESCRIPTION_CHARS = 500;

/** Heads remembered; each is a few hundred bytes. */
const MAX_REMEMBERED = 2_000;

/** What a fleet file says of itself. */
export interface FleetHead {
  readonly exists: boolean;
  readonly changedAtMs?: number;
  readonly name?: string;
  readonly description?: string;
}

const remembered = new Map<string, { readonly changedAtMs: number; readonly size: number; readonly head: FleetHead }>();

/** What the first 16 KiB of a file say; of one that is no YAML, or cannot be read, only whether it is there. Never throws. */
export async function readFleetHead(path: string): Promise<FleetHead> {
  try {
    // A pipe without a writer would keep one of Node's few threads for files for ever.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mtimeMs: changedAtMs, size, isFile } = await statOf(file);
    if (!isFile) return { exists: false };
    const known = remembered.get(path);
    if (known?.changedAtMs === changedAtMs && known.size === size) return known.head;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, HEAD_BYTES)), 0);
    const head = { exists: true, changedAtMs, ...parseHead(buffer.toString('utf8', 0, bytesRead)) };
    remembered.delete(path);
    remembered.set(path, { changedAtMs, size, head });
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    return head;
  } catch (error) {
    // A file that is there and may not be read is not gone.
    return { exists: (error as NodeJS.ErrnoException).code === 'EACCES' };
  }
}

async function statOf(file: Awaited<ReturnType<typeof open>>) {
  const found = await file.stat();
  return { mtimeMs: found.mtimeMs, size: found.size, isFile: found.isFile() };
}

/** Also from a text that is cut off, or has mistakes further down. */
function parseHead(text: string): Pick<FleetHead, 'name' | 'description'> {
  if (findTooDeep(new Lexer().lex(text)) !== undefined) return {};
  const { contents } = parseDocument(text, { prettyErrors: false, logLevel: 'silent', uniqueKeys: false });
  if (!isMap(contents)) return {};
  return {
    ...toText('name', contents.get('name'), MAX_NAME_CHARS),
    ...toText('description', contents.get('description'), MAX_DESCRIPTION_CHARS),
  };
}

function toText(
  key: 'name' | 'description',
  value: unknown,
  maxChars: number,
): Pick<FleetHead, 'name' | 'description'> {
  const text = typeof value === 'string' ? value.trim().slice(0, maxChars) : '';
  return text === '' ? {} : { [key]: text };
}
