/** Something in a step that can fill a parameter. */
export interface Entity {
  readonly kind: 'path' | 'glob' | 'url' | 'text' | 'block';
  readonly value: string;
  /** The word before it, lower case. */
  readonly hint: string;
}

/** A span of lines a step speaks of, from 1. */
export interface LineRange {
  readonly from?: number;
  readonly to?: number;
}

/** `<n>`, `{n}` and their variants, which repetition replaces; see repetition.ts. */
export const PLACEHOLDER = /[<{]\s*(n+|i)\s*(?:([+%])\s*(\d{1,9})\s*)?[>}]/g;

const PATH_HINTS = new Set([
  'file',
  'files',
  'folder',
  'folders',
  'directory',
  'directories',
  'path',
  'paths',
  'in',
  'under',
  'glob',
  'inside',
  'document',
]);
const TEXT_HINTS = new Set([
  'for',
  'matching',
  'match',
  'matches',
  'pattern',
  'regex',
  'regexp',
  'expression',
  'containing',
  'contain',
  'contains',
  'word',
  'text',
  'string',
  'term',
  'query',
  'write',
  'content',
  'command',
  'run',
]);
const GLOB_CHARS = /^[\w@./*?{},![\]+-]+$/;
/** Products whose names look like files. */
const NOT_PATHS = new Set([
  'node.js',
  'next.js',
  'vue.js',
  'three.js',
  'e.g',
  'i.e',
  'etc',
  'and/or',
  'he/she',
  'yes/no',
  'input/output',
  'i/o',
  'n/a',
  'true/false',
]);

/** Quoted text, addresses, and bare paths, in this order of preference at one place. */
const TOKENS =
  /`([^`\n]+)`|"([^"\n]+)"|“([^”\n]+)”|(?<![\w])'([^'\n]{1,200})'(?![\w])|⟦(\d+)⟧|(https?:\/\/[^\s<>"'`]+)|((?:~|\.{1,2})?\/?[\w@][\w@.+*?{}<>%[\]-]*(?:\/[\w@.+*?{}<>%[\],-]+)*\/?|\*\*?[/.][\w@./*?{},-]+)/g;

/** Finds the entities of a text, in order. `⟦0⟧` stands for the first of the fenced `blocks`. */
export function findEntities(text: string, blocks: readonly string[]): Entity[] {
  const found: Entity[] = [];
  for (const match of text.matchAll(TOKENS)) {
    const hint = /([\w-]+)\W*$/.exec(text.slice(Math.max(0, match.index - 40), match.index))?.[1]?.toLowerCase() ?? '';
    const quoted = match[1] ?? match[2] ?? match[3] ?? match[4];
    if (quoted !== undefined) found.push({ ...classifyQuoted(quoted.trim(), hint), hint });
    else if (match[5] !== undefined) found.push({ kind: 'block', value: blocks[Number(match[5])] ?? '', hint });
    else if (match[6] !== undefined) found.push({ kind: 'url', value: match[6].replace(/[.,;:!?)\]]+$/, ''), hint });
    else {
      const bare = classifyBare(match[7] ?? '', hint);
      if (bare) found.push({ ...bare, hint });
    }
  }
  return found;
}

/** A text with everything that is an entity taken out: the words that say what to do. */
export function withoutEntities(text: string): string {
  return text.replaceAll(TOKENS, (whole: string, ...groups: (string | undefined)[]) => {
    if (groups.slice(0, 6).some((group) => group !== undefined)) return ' ';
    return classifyBare(whole, '') ? ' ' : whole;
  });
}

/** The lines a text speaks of: "lines 3 to 9", "first 5 lines", "from line 10". */
export function findLineRange(text: string): LineRange | undefined {
  const span = /\blines?\s+(\d+)\s*(?:to|-|–|through|until|and)\s*(?:line\s+)?(\d+)/i.exec(text);
  if (span) return { from: Number(span[1]), to: Number(span[2]) };
  const first = /\bfirst\s+(\d+)\s+lines\b/i.exec(text);
  if (first) return { from: 1, to: Number(first[1]) };
  const from = /\bfrom\s+line\s+(\d+)/i.exec(text);
  if (from) return { from: Number(from[1]) };
  const single = /\bline\s+(\d+)\b/i.exec(text);
  return single ? { from: Number(single[1]), to: Number(single[1]) } : undefined;
}

function classifyQuoted(value: string, hint: string): Omit<Entity, 'hint'> {
  const plain = value.replaceAll(PLACEHOLDER, '0');
  if (/^https?:\/\/\S+$/.test(plain)) return { kind: 'url', value };
  // No expression begins with a star, so this is a glob whatever the word before it.
  if (/^\*|\*\*|\/\*/.test(plain) && GLOB_CHARS.test(plain)) return { kind: 'glob', value };
  if (TEXT_HINTS.has(hint) || /\s/.test(plain)) return { kind: 'text', value };
  if (/[*?{[]/.test(plain) && GLOB_CHARS.test(plain) && /[/.]/.test(plain)) return { kind: 'glob', value };
  if (PATH_HINTS.has(hint) || looksLikePath(plain)) return { kind: 'path', value };
  return { kind: 'text', value };
}

function classifyBare(token: string, hint: string): Omit<Entity, 'hint'> | undefined {
  const value = token.replace(/[.,;:!?)]+$/, '');
  const plain = value.replaceAll(PLACEHOLDER, '0');
  if (NOT_PATHS.has(plain.toLowerCase()) || /^[\d./-]+$/.test(plain)) return undefined;
  if (/[*?{[]/.test(plain) && /[/.]/.test(plain)) return { kind: 'glob', value };
  if (looksLikePath(plain)) return { kind: 'path', value };
  // "the file LICENSE", "the file Makefile": a name only because of the word before it.
  const named = (hint === 'file' || hint === 'folder' || hint === 'directory') && /^[A-Z][\w-]+$/.test(plain);
  return named ? { kind: 'path', value } : undefined;
}

function looksLikePath(value: string): boolean {
  if (/[\s()|\\^$]/.test(value)) return false;
  return value.includes('/') ? /\w/.test(value) : /^[\w@.-]*\w\.[A-Za-z][A-Za-z0-9]{0,7}$/.test(value);
}
