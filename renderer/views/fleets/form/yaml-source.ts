import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  stringify,
} from 'yaml';

/** Where a value stands in the file: keys and positions from the top. */
export type FieldPath = readonly (string | number)[];

/** What a form can write into a file. */
export type FieldValue = string | number | boolean | readonly FieldValue[] | { readonly [key: string]: FieldValue };

/** A fleet file as text and as the tree it was read into; offsets of the tree are offsets into the text. */
export interface YamlSource {
  readonly text: string;
  readonly document: Document.Parsed;
}

/** Reads a text; mistakes are in `document.errors`. */
export function parseSource(text: string): YamlSource {
  return { text, document: parseDocument(text, { merge: true, uniqueKeys: true }) };
}

/** The node at a path without following aliases; `undefined` where there is none. */
export function findNode(source: YamlSource, path: FieldPath): Node | undefined {
  let node: unknown = source.document.contents;
  for (const step of path) {
    if (isMap(node)) node = node.items.find(({ key }) => isScalar(key) && key.value === step)?.value;
    else if (isSeq(node) && typeof step === 'number') node = node.items[step];
    else return undefined;
  }
  return isScalar(node) || isCollection(node) || isAlias(node) ? node : undefined;
}

/** The plain value of a whole source; `undefined` where an alias leads nowhere or to too much. */
export function toPlain(source: YamlSource): unknown {
  try {
    // Far above what a fleet needs; one that repeats more is edited as text.
    return source.document.toJS({ maxAliasCount: 1_000 }) as unknown;
  } catch {
    return undefined;
  }
}

/** Start of the line that holds `offset`. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** How far the node at `offset` stands from the start of its line. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Start of the line after the one that holds the last character before `end`; the length of the text on its last line. */
export function afterLine(text: string, end: number): number {
  if (end > 0 && text[end - 1] === '\n') return end;
  const newline = text.indexOf('\n', end);
  return newline === -1 ? text.length : newline + 1;
}

/** End of what a node itself says, without the comment behind it. */
export function endOf(node: Node): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    const end = last?.value ?? last?.key;
    return end === undefined || end === null ? (node.range?.[1] ?? 0) : endOf(end as Node);
  }
  if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last === undefined ? (node.range?.[1] ?? 0) : endOf(last as Node);
  }
  return node.range?.[1] ?? 0;
}

/**
 * What stands behind `key:` for a value, beginning with a space or a line break; lines after the first are indented below
 * `column`, the column of the key. Ends without a line break.
 */
export function toBlockText(
  value: FieldValue,
  column: number,
  options: { readonly singleQuote?: boolean } = {},
): string {
  const whole = stringify(
    { k: value },
    { lineWidth: 0, blockQuote: 'literal', singleQuote: options.singleQuote ?? true },
  );
  const [first = '', ...rest] = whole.slice('k:'.length).replace(/\n$/, '').split('\n');
  const indent = ' '.repeat(column);
  return [first, ...rest.map((line) => (line === '' ? '' : indent + line))].join('\n');
}

/** A value as it stands inside `[…]` or `{…}`, on one line. */
export function toFlowText(value: FieldValue, options: { readonly singleQuote?: boolean } = {}): string {
  const whole = stringify([value], { lineWidth: 0, collectionStyle: 'flow', singleQuote: options.singleQuote ?? true });
  return whole.trim().slice(1, -1).trim();
}

/** A text with one part of it replaced. */
export function splice(text: string, from: number, to: number, insert: string): string {
  return text.slice(0, from) + insert + text.slice(to);
}

/** `end` moved before the empty lines that stand before it. */
export function withoutBlankLines(text: string, end: number): number {
  let at = end;
  while (at > 1 && text[at - 1] === '\n' && text[at - 2] === '\n') at -= 1;
  return at;
}
