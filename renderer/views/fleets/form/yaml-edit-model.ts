import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import {
  afterLine,
  columnOf,
  endOf,
  type FieldPath,
  type FieldValue,
  findNode,
  lineStart,
  parseSource,
  splice,
  toBlockText,
  toFlowText,
  toPlain,
  withoutBlankLines,
  type YamlSource,
} from './yaml-source.ts';
import { removeAt } from './yaml-removal.ts';
import { type FieldEdit, isSame, withEdit } from './plain-edit.ts';

/** Order in which keys of the file are written; a new one comes after those that stand before it here. */
const KEY_ORDER = `
  flotilla kind name description workspace provider model providers tools allow
  count each files lines rows range limit system prompt command promptBy environment agents
  limits concurrentAgents turns toolCalls minutes requestsPerMinute tokensPerMinute concurrentRequests
  budget usd tokens output results
`
  .trim()
  .split(/\s+/);

/**
 * The text with one value changed and everything else, comments and spaces too, as it was.
 *
 * Written by splicing at the offsets of the parsed document; where that would change anything else (an odd layout), by the
 * document itself, which keeps comments but may lay the file out anew. Each result is read again and compared before it counts.
 *
 * @returns `undefined` where the value cannot be changed alone: the text has mistakes, or others repeat the value by an alias.
 */
export function applyEdit(text: string, edit: FieldEdit): string | undefined {
  const source = parseSource(text);
  if (source.document.errors.length > 0) return undefined;
  const before = toPlain(source);
  if (before === undefined) return undefined;
  const expected = withEdit(before, edit);
  if (isSame(expected, before)) return text;
  for (const candidate of candidates(source, edit)) {
    if (candidate === undefined) continue;
    const read = parseSource(candidate);
    if (read.document.errors.length === 0 && isSame(toPlain(read), expected)) return candidate;
  }
  return undefined;
}

/**
 * Makes a list of texts another one with the fewest edits: lines that stay keep their comments.
 *
 * @returns `undefined` as `applyEdit`.
 */
export function applyTexts(text: string, path: FieldPath, next: readonly string[]): string | undefined {
  const before = listAt(text, path);
  if (before === undefined || next.length === 0)
    return applyEdit(text, next.length === 0 ? { kind: 'remove', path } : { kind: 'set', path, value: next });
  let now = text;
  const step = (edit: FieldEdit): boolean => {
    const changed = applyEdit(now, edit);
    if (changed !== undefined) now = changed;
    return changed !== undefined;
  };
  const kept = [...before];
  for (let index = kept.length - 1; index >= 0 && kept.length > next.length; index -= 1) {
    if (next.includes(kept[index] as string)) continue;
    if (!step({ kind: 'remove', path: [...path, index] })) return undefined;
    kept.splice(index, 1);
  }
  while (kept.length > next.length) {
    kept.pop();
    if (!step({ kind: 'remove', path: [...path, kept.length] })) return undefined;
  }
  for (const [index, value] of next.entries()) {
    if (index < kept.length && kept[index] === value) continue;
    const edit: FieldEdit =
      index < kept.length ? { kind: 'set', path: [...path, index], value } : { kind: 'append', path, value };
    if (!step(edit)) return undefined;
  }
  return now;
}

function listAt(text: string, path: FieldPath): readonly string[] | undefined {
  const node = findNode(parseSource(text), path);
  if (!isSeq(node) || node.items.length === 0) return undefined;
  return node.items.map((item) => (isScalar(item) ? String(item.value) : ''));
}

function* candidates(source: YamlSource, edit: FieldEdit): Generator<string | undefined> {
  if (edit.kind === 'set') yield* setCandidates(source, edit.path, edit.value);
  else if (edit.kind === 'remove') yield removeAt(source, edit.path);
  else yield* appendCandidates(source, edit.path, edit.value);
  yield byDocument(source, edit);
}

function byDocument(source: YamlSource, edit: FieldEdit): string | undefined {
  const { document } = parseSource(source.text);
  try {
    return changeDocument(document, edit);
  } catch {
    // An alias whose anchor the edit takes away cannot be written.
    return undefined;
  }
}

function changeDocument(document: Document.Parsed, edit: FieldEdit): string {
  if (edit.kind === 'set') {
    const old = document.getIn(edit.path, true);
    const node = document.createNode(edit.value);
    if (isNode(old)) {
      node.comment = old.comment;
      node.commentBefore = old.commentBefore;
    }
    document.setIn(edit.path, node);
  }
  if (edit.kind === 'append') document.addIn(edit.path, document.createNode(edit.value));
  if (edit.kind === 'remove') document.deleteIn(edit.path);
  return document.toString({ lineWidth: 0 });
}

function* setCandidates(source: YamlSource, path: FieldPath, value: FieldValue): Generator<string | undefined> {
  const node = findNode(source, path);
  if (node) {
    yield replaceNode(source, path, node, value);
    return;
  }
  // The deepest part of the way that is there takes the rest in as one value.
  let depth = path.length - 1;
  while (depth > 0 && findNode(source, path.slice(0, depth)) === undefined) depth -= 1;
  const parentPath = path.slice(0, depth);
  const parent = findNode(source, parentPath);
  const nested = path.slice(depth + 1).reduceRight<FieldValue>((inner, key) => ({ [key]: inner }), value);
  const key = String(path[depth]);
  if (isMap(parent)) yield* insertKey(source.text, parent, key, nested, depth === 0);
  else if (isScalar(parent) && parent.value === null) yield replaceNode(source, parentPath, parent, { [key]: nested });
}

function replaceNode(source: YamlSource, path: FieldPath, node: Node, value: FieldValue): string | undefined {
  const { text } = source;
  if (!node.range) return undefined;
  const from = node.range[0];
  const isBlock = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
  // The empty lines behind a block belong to it and look like a gap before what follows: they stay.
  const to = isBlock ? withoutBlankLines(text, node.range[1]) : node.range[1];
  const singleQuote = !(isScalar(node) && node.type === 'QUOTE_DOUBLE');
  if (isInFlow(source, path)) return splice(text, from, to, toFlowText(value, { singleQuote }));
  const isQuoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
  const isLine = typeof value === 'string' && !value.includes('\n');
  if (isQuoted && isLine) return splice(text, from, to, toQuoted(value, node));
  const block = toBlockText(value, keyColumn(source, path), { singleQuote });
  const hasSpace = /\s/.test(text[from - 1] ?? ' ');
  const written = hasSpace ? block.replace(/^ /, '') : block;
  if (isBlock) {
    const header = text.slice(from, text.indexOf('\n', from));
    const kept = withComment(written, /[ \t]+#.*$/.exec(header)?.[0] ?? '');
    return splice(text, from, to, text[to - 1] === '\n' ? `${kept}\n` : kept);
  }
  return splice(text, from, to + commentBehind(text, to).length, withComment(written, commentBehind(text, to)));
}

function commentBehind(text: string, end: number): string {
  return /^[ \t]+#[^\n]*/.exec(text.slice(end))?.[0] ?? '';
}

/** A comment stands behind the first line: of a block, that is its `|`. */
function withComment(written: string, comment: string): string {
  const newline = written.indexOf('\n');
  return newline === -1 ? written + comment : splice(written, newline, newline, comment);
}

function toQuoted(value: string, node: Scalar): string {
  const isDouble = node.type === 'QUOTE_DOUBLE' || /[\p{Cc}\u2028\u2029\uFEFF]/u.test(value);
  return isDouble ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}

function isInFlow(source: YamlSource, path: FieldPath): boolean {
  return path.some((_, depth) => {
    const parent = findNode(source, path.slice(0, depth));
    return isCollection(parent) && parent.flow === true;
  });
}

/** Column of the key (or of what stands behind the dash) at a path: values below it are indented further. */
function keyColumn(source: YamlSource, path: FieldPath): number {
  const parent = findNode(source, path.slice(0, -1));
  if (isMap(parent)) {
    const first = parent.items[0]?.key as Scalar | undefined;
    return first?.range ? columnOf(source.text, first.range[0]) : 0;
  }
  if (isSeq(parent) && parent.range) return columnOf(source.text, parent.range[0]);
  return 0;
}

function* insertKey(
  text: string,
  map: YAMLMap,
  key: string,
  value: FieldValue,
  isTop: boolean,
): Generator<string | undefined> {
  const before = pairBefore(map, key);
  if (map.flow === true) {
    const entry = `${key}: ${toFlowText(value)}`;
    const end = before ? endOf((before.value ?? before.key) as Node) : undefined;
    yield end === undefined
      ? splice(text, (map.range?.[0] ?? 0) + 1, (map.range?.[0] ?? 0) + 1, ` ${entry} `)
      : splice(text, end, end, `, ${entry}`);
    return;
  }
  const first = map.items[0]?.key as Scalar | undefined;
  if (!before || !first?.range) return;
  const column = columnOf(text, first.range[0]);
  const gap = isTop && typeof value === 'object' && hasGaps(text, map) ? '\n' : '';
  const line = `${gap}${' '.repeat(column)}${key}:${toBlockText(value, column)}\n`;
  const end = afterLine(text, endOf((before.value ?? before.key) as Node));
  const start = text.slice(0, end).endsWith('\n') || end === 0 ? '' : '\n';
  const trimmed = withoutBlankLines(text, end);
  if (trimmed !== end) yield splice(text, trimmed, trimmed, line);
  yield splice(text, end, end, start + line);
}

/** Whether the sections of a file are set apart by empty lines. */
function hasGaps(text: string, map: YAMLMap): boolean {
  return map.items.some(({ key }) => {
    const start = isScalar(key) && key.range ? lineStart(text, key.range[0]) : 0;
    return start > 1 && text[start - 2] === '\n';
  });
}

function pairBefore(map: YAMLMap, key: string): Pair | undefined {
  const rank = KEY_ORDER.indexOf(key);
  const earlier = map.items.filter(({ key: other }) => {
    const otherRank = KEY_ORDER.indexOf(isScalar(other) ? String(other.value) : '');
    return rank !== -1 && otherRank !== -1 && otherRank < rank;
  });
  return earlier.at(-1) ?? map.items.at(-1);
}

function* appendCandidates(source: YamlSource, path: FieldPath, value: FieldValue): Generator<string | undefined> {
  const { text } = source;
  const list = findNode(source, path);
  if (!list) {
    yield* setCandidates(source, path, [value]);
    return;
  }
  if (!isSeq(list) || !list.range) return;
  const last = list.items.at(-1) as Node | undefined;
  if (list.flow === true) {
    const end = last ? endOf(last) : list.range[0] + 1;
    yield splice(text, end, end, `${last ? ', ' : ''}${toFlowText(value)}`);
    return;
  }
  if (!last) return;
  const column = columnOf(text, list.range[0]);
  const body = toBlockText([value], 0).trim().split('\n');
  const dedent = (body[1] ?? '').length - (body[1] ?? '').trimStart().length;
  const shift = body.length > 1 && dedent > 2 ? dedent - 2 : 0;
  const lines = body.map((line, index) =>
    line === '' ? '' : ' '.repeat(column) + (index === 0 ? line : line.slice(shift)),
  );
  const end = afterLine(text, endOf(last));
  const start = text.slice(0, end).endsWith('\n') ? '' : '\n';
  const gap = typeof value === 'object' && /\n\s*\n\s*- /.test(text.slice(list.range[0], endOf(list))) ? '\n' : '';
  const added = `${gap}${lines.join('\n')}\n`;
  const trimmed = withoutBlankLines(text, end);
  if (trimmed !== end) yield splice(text, trimmed, trimmed, added);
  yield splice(text, end, end, start + added);
}
