import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { walkFiles } from '../../runtime/workspace/file-walk.ts';

/** Root of the repository. */
const ROOT = join(import.meta.dirname, '..', '..');

const SOURCE = /\.(?:ts|tsx|mjs|cjs|js)$/;
/** Not ours to rule: planted violations, and data that only looks like source. */
const LEFT_OUT = /^(?:test\/(?:boundary\/planted|fixtures)|examples)\//;

/** Every file of the repository that git does not ignore, relative to its root. */
export function listFiles(): string[] {
  return [...walkFiles(ROOT, ROOT)].map(({ shown }) => shown);
}

/** The source files below the given folders, or all of them. */
export function listSources(...folders: readonly string[]): string[] {
  return listFiles().filter(
    (file) =>
      SOURCE.test(file) &&
      !LEFT_OUT.test(file) &&
      (folders.length === 0 || folders.some((folder) => file.startsWith(`${folder}/`))),
  );
}

/** The content of a file of the repository. */
export function readSource(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The syntax tree of one file; parsing needs no other file. */
export function parseSource(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/** Calls `visit` for `node` and all below it. */
export function visitAll(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => visitAll(child, visit));
}
