import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { findTooDeep } from '../../../../shared/fleet/yaml-nesting.ts';
import { type FieldPath, findNode, lineStart, type YamlSource } from './yaml-source.ts';

/** A value as the form may show it: nothing written, one it can change, or one that only the text can. */
export type Field<Value> =
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'fixed'; readonly shown: string; readonly why: string; readonly line: number };

/** One member of `agents`, as much of it as the form needs to lay itself out. */
export interface AgentForm {
  readonly path: FieldPath;
  readonly kind: 'model' | 'command';
  /** Where its number comes from. */
  readonly source: 'one' | 'count' | 'files' | 'lines' | 'rows' | 'range' | 'unclear';
  /** The source is written as one line: `{ files: … }` or a section below. */
  readonly name: string;
}

/** The file as a form; or too large for one, or not to be read at a line. */
export type FleetForm =
  | { readonly kind: 'large' }
  | { readonly kind: 'broken'; readonly line: number }
  | {
      readonly kind: 'ready';
      readonly source: YamlSource;
      readonly agents: readonly AgentForm[];
      readonly ownProviders: readonly string[];
    };

const SOURCES = ['files', 'lines', 'rows', 'range'] as const;

/** Longest text, in characters, that is read anew at each letter typed: some milliseconds. */
const MAX_FORM_CHARS = 200_000;

/** Most agents the form lists; longer lists are for the text. */
export const MAX_FORM_AGENTS = 100;

/** Reads a text for the form. */
export function toForm(text: string): FleetForm {
  if (text.length > MAX_FORM_CHARS) return { kind: 'large' };
  const tooDeep = findTooDeep(new Lexer().lex(text));
  if (tooDeep !== undefined) return { kind: 'broken', line: text.slice(0, tooDeep).split('\n').length };
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, uniqueKeys: true, lineCounter: lines });
  const [error] = document.errors;
  if (error) return { kind: 'broken', line: lines.linePos(error.pos[0]).line };
  const source: YamlSource = { text, document };
  const { contents } = document;
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  if (!isEmpty && !isMap(contents)) return { kind: 'broken', line: 1 };
  return { kind: 'ready', source, agents: readAgents(source), ownProviders: readKeys(source, ['providers']) };
}

function readAgents(source: YamlSource): AgentForm[] {
  const list = findNode(source, ['agents']);
  if (!isSeq(list)) return [];
  return list.items.slice(0, MAX_FORM_AGENTS).map((_, index) => {
    const path = ['agents', index];
    const kind = plainAt(source, [...path, 'kind']) === 'command' ? 'command' : 'model';
    const name = plainAt(source, [...path, 'name']);
    return { path, kind, source: readSource(source, path), name: typeof name === 'string' ? name : '' };
  });
}

function readSource(source: YamlSource, path: FieldPath): AgentForm['source'] {
  const each = findNode(source, [...path, 'each']);
  const hasCount = findNode(source, [...path, 'count']) !== undefined;
  if (!each) return hasCount ? 'count' : 'one';
  const found = SOURCES.filter((key) => findNode(source, [...path, 'each', key]) !== undefined);
  return found.length === 1 && !hasCount && isMap(each) ? (found[0] ?? 'unclear') : 'unclear';
}

function readKeys(source: YamlSource, path: FieldPath): string[] {
  const node = findNode(source, path);
  return isMap(node) ? node.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : [];
}

function plainAt(source: YamlSource, path: FieldPath): unknown {
  const node = findNode(source, path);
  return isScalar(node) ? node.value : undefined;
}

/** A text in one field; a number or the like is shown but only changed in the text. */
export function textField(source: YamlSource, path: FieldPath): Field<string> {
  return readField<string>(source, path, (node) =>
    isScalar(node) && typeof node.value === 'string' ? { value: node.value } : { why: 'This is not a plain text.' },
  );
}

/** A number. */
export function numberField(source: YamlSource, path: FieldPath): Field<number> {
  return readField<number>(source, path, (node) =>
    isScalar(node) && typeof node.value === 'number' ? { value: node.value } : { why: 'This is not a number.' },
  );
}

/** A list of texts. */
export function textsField(source: YamlSource, path: FieldPath): Field<readonly string[]> {
  return readField<readonly string[]>(source, path, (node) => {
    if (!isSeq(node)) return { why: 'This is not a list.' };
    const value = node.items.map((item) => (isScalar(item) && !item.anchor && !item.tag ? item.value : undefined));
    const isPlain = value.every((item) => typeof item === 'string');
    return isPlain ? { value } : { why: 'Something in this list is not a plain text.' };
  });
}

type Reading<Value> = { readonly value: Value } | { readonly why: string };

function readField<Value>(source: YamlSource, path: FieldPath, read: (node: Node) => Reading<Value>): Field<Value> {
  const shared = findShared(source, path);
  const node = findNode(source, path);
  if (shared) return toFixed(source, node ?? shared.node, shared.why);
  if (!node || (isScalar(node) && node.value === null)) return { kind: 'absent' };
  const reading = read(node);
  return 'why' in reading ? toFixed(source, node, reading.why) : { kind: 'value', value: reading.value };
}

/** What on the way to a value makes it one that others share: an alias, an anchor that is used, a merge, a tag. */
function findShared(source: YamlSource, path: FieldPath): { readonly node: Node; readonly why: string } | undefined {
  for (let depth = 0; depth <= path.length; depth += 1) {
    const node = findNode(source, path.slice(0, depth));
    if (!node) return undefined;
    if (isAlias(node)) return { node, why: `This repeats \`&${node.source}\`, which stands elsewhere.` };
    if (node.anchor !== undefined && isRepeated(source, node.anchor))
      return { node, why: `Other places repeat this by its name \`&${node.anchor}\`.` };
    if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) return { node, why: 'This has a tag.' };
    if (isMap(node) && node.items.some(({ key }) => isScalar(key) && key.source === '<<'))
      return { node, why: 'This section takes values over from another (`<<`).' };
  }
  return undefined;
}

function isRepeated(source: YamlSource, anchor: string): boolean {
  let isFound = false;
  visit(source.document, {
    Alias(_, alias) {
      if (alias.source !== anchor) return undefined;
      isFound = true;
      return visit.BREAK;
    },
  });
  return isFound;
}

function toFixed(
  source: YamlSource,
  node: Node,
  why: string,
): { kind: 'fixed'; shown: string; why: string; line: number } {
  const at = node.range?.[0] ?? 0;
  const end = node.range?.[1] ?? at;
  const [first = ''] = source.text.slice(at, end).split('\n');
  const line = source.text.slice(0, lineStart(source.text, at)).split('\n').length;
  return { kind: 'fixed', shown: shownText(source, node) ?? first, why, line };
}

/** What an alias stands for reads better than its name. */
function shownText(source: YamlSource, node: Node): string | undefined {
  const resolved = isAlias(node) ? node.resolve(source.document) : node;
  return isScalar(resolved) && (typeof resolved.value === 'string' || typeof resolved.value === 'number')
    ? String(resolved.value).trimEnd()
    : undefined;
}

/**
 * A prompt as a field shows it: without the one line break that ends a block. `toPromptText` puts it back where it was, so that
 * typing a letter changes one letter.
 */
export function fromPromptText(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

/** See `fromPromptText`; `before` is what stood in the file. */
export function toPromptText(typed: string, before: string): string {
  return before.endsWith('\n') || typed.includes('\n') ? `${typed}\n` : typed;
}
