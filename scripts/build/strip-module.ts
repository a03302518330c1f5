import { existsSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** `'./a.ts'` and `"../b/c.ts"`: an import, a `new URL`, any literal that leads from this file to another. */
const RELATIVE = /(?<quote>['"])(?<path>\.{1,2}\/[^'"\n]*)\.ts\k<quote>/g;

/** `join(import.meta.dirname, 'a', 'b.ts')`. */
const JOINED = /join\(\s*import\.meta\.dirname\s*,(?<parts>(?:\s*'[^'\n]*'\s*,?)+)\)/g;

const LITERAL = /['"](?<path>[^'"\n]+\.ts)['"]/g;

/**
 * The JavaScript of a TypeScript module at `path`: types become blanks, so that lines and columns stay, and what leads to
 * another module of ours leads to its `.js`.
 *
 * @throws {Error} when a literal that names an existing `.ts` file beside it would remain.
 */
export function stripModule(path: string, source: string): string {
  const folder = dirname(path);
  const code = stripTypes(source)
    .replace(RELATIVE, (whole, quote: string, to: string) =>
      existsSync(join(folder, `${to}.ts`)) ? `${quote}${to}.js${quote}` : whole,
    )
    .replace(JOINED, (whole, parts: string) => {
      const names = parts.matchAll(/'([^'\n]*)'/g).map(([, name = '']) => name);
      const target = join(folder, ...names);
      return target.endsWith('.ts') && existsSync(target) ? whole.replace(/\.ts'(?=\s*,?\s*\)$)/, ".js'") : whole;
    });
  for (const { groups } of code.matchAll(LITERAL)) {
    const left = groups?.['path'] ?? '';
    if (existsSync(join(folder, left))) throw new Error(`${path} would still lead to "${left}" when it is built.`);
  }
  return code;
}

/** Node warns, once, that this may change; whoever starts a program of a fixed Node cannot do anything about it. */
function stripTypes(source: string): string {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' });
  } finally {
    process.emitWarning = emitWarning;
  }
}
