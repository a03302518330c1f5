import { RE2JS } from 're2js';
import { AppError } from '../../../shared/errors/app-error.ts';
import { toEscape } from '../../workspace/workspace.ts';

const MAX_CHARS = 1_000;
const MAX_DEPTH = 10;

/** Whether a path, relative and with `/`, fits a glob. */
export type PathMatcher = (path: string) => boolean;

/**
 * Reads a glob: `*`, `?`, `**`, `[a-z]`, `[!a-z]`, `{a,b}`, `\` before a character that stands for itself; dots are
 * nothing special. Without a `/` it speaks of the last name of a path only.
 *
 * It becomes an expression of RE2, so that matching takes time linear in the path whatever the glob is.
 *
 * @throws {AppError} PATTERN_INVALID, or WORKSPACE_ESCAPE for one that climbs.
 */
export function parseGlob(glob: string): PathMatcher {
  if (glob.length > MAX_CHARS) throw invalid(glob, `it is longer than ${MAX_CHARS} characters`);
  if (glob.split('/').includes('..')) throw toEscape(glob);
  const pattern = glob.replace(/^(\.?\/)+/, '');
  if (pattern === '' || pattern === '**' || pattern === '**/*') return () => true;
  const source = new GlobSource(pattern);
  const body = source.sequence(0);
  const anyFolder = pattern.includes('/') ? '' : '(?:.*/)?';
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(`^${anyFolder}${body}$`, RE2JS.DOTALL);
  } catch (error) {
    throw invalid(glob, (error as Error).message);
  }
  return (path) => expression.test(path);
}

function invalid(glob: string, why: string): AppError {
  return new AppError('PATTERN_INVALID', `The glob ${JSON.stringify(glob.slice(0, 200))} cannot be read: ${why}.`);
}

/** A glob while it is translated. */
class GlobSource {
  readonly #glob: string;
  #at = 0;

  constructor(glob: string) {
    this.#glob = glob;
  }

  /** Translates up to the end, or inside braces up to `,` or `}`. */
  sequence(depth: number): string {
    let expression = '';
    for (let char = this.#glob[this.#at]; char !== undefined; char = this.#glob[this.#at]) {
      if (depth > 0 && (char === ',' || char === '}')) break;
      this.#at++;
      expression += this.#translate(char, depth);
    }
    return expression;
  }

  #translate(char: string, depth: number): string {
    switch (char) {
      case '*':
        return this.#stars();
      case '?':
        return '[^/]';
      case '[':
        return this.#set();
      case '{':
        return this.#choice(depth + 1);
      case '\\':
        return RE2JS.quote(this.#glob[this.#at++] ?? '\\');
      default:
        return RE2JS.quote(char);
    }
  }

  /** `**` between slashes is any number of folders, none included; elsewhere stars stay within one name. */
  #stars(): string {
    const start = this.#at - 1;
    while (this.#glob[this.#at] === '*') this.#at++;
    const count = this.#at - start;
    const opensName = start === 0 || '/{,'.includes(this.#glob[start - 1] ?? '');
    const next = this.#glob[this.#at];
    if (count < 2 || !opensName) return '[^/]*';
    if (next === '/') {
      this.#at++;
      return '(?:.*/)?';
    }
    return next === undefined || next === '}' || next === ',' ? '.*' : '[^/]*';
  }

  #set(): string {
    const isNegated = this.#glob[this.#at] === '!' || this.#glob[this.#at] === '^';
    const start = this.#at + (isNegated ? 1 : 0);
    const end = this.#glob.indexOf(']', start + 1);
    if (end === -1) throw invalid(this.#glob, 'a "[" has no "]"');
    this.#at = end + 1;
    const members = this.#glob.slice(start, end).replaceAll(/[\\[\]^&~]/g, String.raw`\$&`);
    return isNegated ? `[^/${members}]` : `[${members}]`;
  }

  #choice(depth: number): string {
    if (depth > MAX_DEPTH) throw invalid(this.#glob, `braces are nested deeper than ${MAX_DEPTH}`);
    const choices: string[] = [];
    for (;;) {
      choices.push(this.sequence(depth));
      const end = this.#glob[this.#at++];
      if (end === undefined) throw invalid(this.#glob, 'a "{" has no "}"');
      if (end === '}') return `(?:${choices.join('|')})`;
    }
  }
}
