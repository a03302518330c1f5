import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import {
  afterLine,
  endOf,
  type FieldPath,
  findNode,
  lineStart,
  splice,
  withoutBlankLines,
  type YamlSource,
} from './yaml-source.ts';

/** The text without the value at a path, its key and its own lines; `undefined` where its layout is too odd for that. */
export function removeAt(source: YamlSource, path: FieldPath): string | undefined {
  const parent = findNode(source, path.slice(0, -1));
  const last = path.at(-1);
  if (isMap(parent)) return removePair(source, parent, path);
  if (isSeq(parent) && typeof last === 'number') return removeItem(source, parent, last, path);
  return undefined;
}

function removePair(source: YamlSource, map: YAMLMap, path: FieldPath): string | undefined {
  const { text } = source;
  const at = map.items.findIndex(({ key }) => isScalar(key) && key.value === path.at(-1));
  const pair = map.items[at];
  const start = (pair?.key as Scalar | undefined)?.range?.[0];
  if (!pair || start === undefined) return undefined;
  const nextStart = (map.items[at + 1]?.key as Scalar | undefined)?.range?.[0];
  const end = endOf((pair.value ?? pair.key) as Node);
  // A section without anything in it goes too, but not a member of a list.
  if (map.items.length === 1 && typeof path.at(-2) === 'string') return removeAt(source, path.slice(0, -1));
  if (map.flow === true) return removeFlow(text, { start, end, nextStart }, at === 0 ? undefined : map.items[at - 1]);
  const isFirstOfLine = text.slice(lineStart(text, start), start).trim() === '';
  if (isFirstOfLine) return removeLines(text, start, end);
  return nextStart === undefined ? undefined : splice(text, start, nextStart, '');
}

function removeItem(source: YamlSource, list: YAMLSeq, index: number, path: FieldPath): string | undefined {
  const { text } = source;
  const item = list.items[index] as Node | undefined;
  const start = item?.range?.[0];
  if (!item || start === undefined) return undefined;
  if (list.items.length === 1) return removeAt(source, path.slice(0, -1));
  const nextStart = (list.items[index + 1] as Node | undefined)?.range?.[0];
  const end = endOf(item);
  if (list.flow === true) {
    const before = index === 0 ? undefined : (list.items[index - 1] as Node);
    return removeFlow(text, { start, end, nextStart }, before && { key: before });
  }
  return removeLines(text, start, end);
}

/** Takes whole lines away, and one of the two gaps where they stood between empty lines. */
function removeLines(text: string, start: number, end: number): string {
  const from = lineStart(text, start);
  const to = withoutBlankLines(text, afterLine(text, end));
  const isBetweenGaps = text[to] === '\n' || to === text.length;
  return splice(text, isBetweenGaps && from > 0 ? withoutBlankLines(text, from) : from, to, '');
}

interface FlowEntry {
  readonly start: number;
  readonly end: number;
  readonly nextStart: number | undefined;
}

function removeFlow(
  text: string,
  { start, end, nextStart }: FlowEntry,
  before: { readonly key: unknown; readonly value?: unknown } | undefined,
): string {
  if (before) return splice(text, endOf((before.value ?? before.key) as Node), end, '');
  return splice(text, start, nextStart ?? end, '');
}
