import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { Place, SourceText } from './source-text.ts';
import { MAX_YAML_DEPTH } from '../../../shared/fleet/yaml-nesting.ts';
import { follow, offsetOf, toKey, type Targets } from './yaml-nodes.ts';

/** The keys and list positions that lead to a value. */
export type Path = readonly (string | number)[];

/** Where the values of a document stand in its text. */
export interface YamlPlaces {
  /** Where the value stands, or the nearest one around it that exists. */
  placeOf(path: Path): Place;
  /** Where the key of the value stands; as `placeOf` for an item of a list. */
  placeOfKey(path: Path): Place;
  /** The value as its author wrote it, quotes and escapes included. */
  findWritten(path: Path): { readonly text: string; readonly offset: number } | undefined;
}

/** Places in `source`, looked up from `root` down; aliases and merge keys are followed. */
export function createPlaces(root: Node, targets: Targets, source: SourceText): YamlPlaces {
  const find = (path: Path) => findNode(root, targets, path);
  return {
    placeOf(path) {
      const { key, node, depth } = find(path);
      const range = node?.range;
      // An empty value has no place of its own: its key has.
      const offset = range && (range[1] > range[0] || depth < path.length) ? range[0] : (key ?? range?.[0] ?? 0);
      return { source, offset };
    },
    placeOfKey(path) {
      const { key, node } = find(path);
      return { source, offset: key ?? node?.range?.[0] ?? 0 };
    },
    findWritten(path) {
      const { node, depth } = find(path);
      if (depth < path.length || !node?.range) return undefined;
      return { text: source.text.slice(node.range[0], node.range[1]), offset: node.range[0] };
    },
  };
}

interface Found {
  readonly node: Node | undefined;
  /** Offset of the key the node stands under. */
  readonly key: number | undefined;
  /** How much of the path exists. */
  readonly depth: number;
}

function findNode(root: Node, targets: Targets, path: Path): Found {
  let found: Found = { node: root, key: undefined, depth: 0 };
  for (const step of path) {
    const target = follow(found.node, targets);
    const depth = found.depth + 1;
    if (isMap(target)) {
      const pair = findPair(target, String(step), targets, 0);
      if (pair === undefined) return found;
      found = { node: (pair.value ?? undefined) as Node | undefined, key: offsetOf(pair.key), depth };
    } else {
      const item = isSeq(target) ? target.items[Number(step)] : undefined;
      if (item === undefined) return found;
      found = { node: item as Node, key: undefined, depth };
    }
  }
  const target = follow(found.node, targets);
  return isScalar(target) ? { ...found, node: target } : found;
}

interface PairOfNodes {
  readonly key: unknown;
  readonly value: unknown;
}

function findPair(map: YAMLMap, key: string, targets: Targets, depth: number): PairOfNodes | undefined {
  const own = map.items.findLast((pair) => toKey(pair.key) === key);
  if (own !== undefined || depth > MAX_YAML_DEPTH) return own;
  for (const pair of map.items) {
    if (toKey(pair.key) !== '<<') continue;
    for (const part of isSeq(pair.value) ? pair.value.items : [pair.value]) {
      const target = follow(part, targets);
      const merged = isMap(target) ? findPair(target, key, targets, depth + 1) : undefined;
      if (merged !== undefined) return merged;
    }
  }
  return undefined;
}
