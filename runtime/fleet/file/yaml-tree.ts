import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';
import { findTooDeep, MAX_YAML_DEPTH } from '../../../shared/fleet/yaml-nesting.ts';
import type { ProblemList } from './problem-list.ts';
import { createSourceText, toPosition, type SourceText } from './source-text.ts';
import { findTargets, follow, offsetOf, toKey, type Targets } from './yaml-nodes.ts';
import { createPlaces, type YamlPlaces } from './yaml-places.ts';
import { isUnclosed, toYamlWords } from './yaml-words.ts';

/** Values one file may hold once its aliases are followed: far above any fleet, far below what fills the memory. */
const MAX_VALUES = 200_000;

/** A fleet file as plain values, each of which knows its place in the text. */
export interface YamlTree extends YamlPlaces {
  readonly source: SourceText;
  /** Plain objects without a prototype, arrays, text, numbers, booleans and null. */
  readonly value: unknown;
  /** From here on the structure is not to be trusted; absent when the syntax is right. */
  readonly brokenFrom?: number;
}

/** Said of nesting, and the way out. */
const TOO_DEEP = ['the values are nested too deeply', `use at most ${MAX_YAML_DEPTH} levels`] as const;

/** Mistakes that leave the structure around them as it is. */
const HARMLESS = new Set(['BAD_DQ_ESCAPE', 'TAG_RESOLVE_FAILED', 'BAD_DIRECTIVE', 'BAD_SCALAR_START']);

/** Reads YAML 1.2 with merge keys; what is wrong goes to `problems`. `undefined` when there is nothing to go on with. */
export function parseYamlTree(text: string, name: string, problems: ProblemList): YamlTree | undefined {
  const source = createSourceText(name, text);
  const parsed = parseDocuments(source, problems);
  if (parsed === undefined) return undefined;
  const { document, brokenFrom } = parsed;
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    if (brokenFrom === undefined) {
      problems.add({ source, offset: 0 }, 'the file is empty', 'begin with `flotilla: 1`, a `name` and `agents`');
    }
    return undefined;
  }
  const targets = findTargets(document);
  const value = toValues({ root, targets, source, problems, open: new Set(), count: 0 });
  if (value === TOO_MUCH) return undefined;
  return { source, value, ...(brokenFrom === undefined ? {} : { brokenFrom }), ...createPlaces(root, targets, source) };
}

function parseDocuments(source: SourceText, problems: ProblemList) {
  const tooDeep = findTooDeep(new Lexer().lex(source.text));
  if (tooDeep !== undefined) {
    problems.add({ source, offset: tooDeep }, ...TOO_DEEP);
    return undefined;
  }
  const options = {
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
    keepSourceTokens: false,
    logLevel: 'silent',
  } as const;
  const documents = parseAllDocuments(source.text, options) as readonly Document.Parsed[];
  const [document, second] = documents;
  if (document === undefined) {
    problems.add({ source, offset: 0 }, 'the file is empty', 'begin with `flotilla: 1`, a `name` and `agents`');
    return undefined;
  }
  if (second !== undefined) {
    const offset = source.text.lastIndexOf('---', second.contents?.range?.[0] ?? second.range[0]);
    const at = Math.max(offset, document.range[1]);
    problems.add(
      { source, offset: at },
      'a fleet file holds one document, and a second one begins here',
      'keep one fleet a file',
    );
  }
  let brokenFrom: number | undefined;
  for (const error of [...document.errors, ...document.warnings]) {
    const { message, hint } = toYamlWords(error, source);
    const offset = isUnclosed(error) ? findOpening(document, error.pos[0]) : error.pos[0];
    problems.add({ source, offset }, message, hint);
    if (!HARMLESS.has(error.code)) brokenFrom = Math.min(brokenFrom ?? Infinity, offset);
  }
  return { document, brokenFrom };
}

/** Where the innermost quote or bracket begins that is still open at `offset`. */
function findOpening(document: Document, offset: number): number {
  let opening = -1;
  visit(document, {
    Node(_key, node) {
      const isOpen = isScalar(node)
        ? node.type?.startsWith('QUOTE')
        : (isMap(node) || isSeq(node)) && node.flow === true;
      const start = node.range?.[0];
      if (isOpen && start !== undefined && start < offset && node.range![2] >= offset)
        opening = Math.max(opening, start);
    },
  });
  return opening === -1 ? offset : opening;
}

const TOO_MUCH = Symbol('too much');

interface Walk {
  readonly root: Node;
  readonly targets: Targets;
  readonly source: SourceText;
  readonly problems: ProblemList;
  readonly open: Set<Node>;
  count: number;
}

function toValues(walk: Walk): unknown {
  try {
    return toValue(walk.root, walk);
  } catch (error) {
    if (error !== TOO_MUCH) throw error;
    return TOO_MUCH;
  }
}

function toValue(node: unknown, walk: Walk): unknown {
  const at = isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? (node.range?.[0] ?? 0) : 0;
  walk.count += 1;
  if (walk.count > MAX_VALUES) {
    walk.problems.add(
      { source: walk.source, offset: at },
      `the file holds more than ${MAX_VALUES} values, aliases followed`,
    );
    throw TOO_MUCH;
  }
  const target = follow(node, walk.targets);
  if (isAlias(node) && target === undefined) {
    const message = `the alias \`*${node.source}\` has no anchor \`&${node.source}\` before it`;
    walk.problems.add({ source: walk.source, offset: at }, message);
    return null;
  }
  if (isScalar(target)) return target.value;
  if (!isMap(target) && !isSeq(target)) return null;
  if (walk.open.has(target) || walk.open.size >= MAX_YAML_DEPTH) {
    const place = { source: walk.source, offset: at };
    if (walk.open.has(target))
      walk.problems.add(place, 'the alias leads back into itself', 'an alias stands for a value before it');
    else walk.problems.add(place, ...TOO_DEEP);
    throw TOO_MUCH;
  }
  walk.open.add(target);
  const value = isSeq(target) ? target.items.map((item) => toValue(item, walk)) : toObject(target, walk);
  walk.open.delete(target);
  return value;
}

function toObject(map: YAMLMap, walk: Walk): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>;
  const merged: Record<string, unknown>[] = [];
  const firstOffsets = new Map<string, number>();
  for (const pair of map.items) {
    const key = toKey(pair.key);
    const offset = offsetOf(pair.key) ?? map.range?.[0] ?? 0;
    const place = { source: walk.source, offset };
    if (key === undefined) {
      walk.problems.add(place, 'a key must be plain text', 'a text that begins with `{`, `[` or `?` belongs in quotes');
      continue;
    }
    const value = toValue(pair.value, walk);
    if (key === '<<') {
      merged.push(
        ...[value].flat().filter((part): part is Record<string, unknown> => typeof part === 'object' && part !== null),
      );
      continue;
    }
    if (key === '__proto__') {
      walk.problems.add(place, 'unknown key `__proto__`');
      continue;
    }
    const first = firstOffsets.get(key);
    if (first !== undefined) {
      const { line } = toPosition(walk.source, first);
      walk.problems.add(
        place,
        `the key \`${key}\` stands here a second time`,
        `the first is in line ${line}; keep one of them`,
      );
    } else firstOffsets.set(key, offset);
    object[key] = value;
  }
  return Object.assign(Object.create(null), ...merged.toReversed(), object) as Record<string, unknown>;
}
