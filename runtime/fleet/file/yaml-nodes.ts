import { isAlias, isScalar, visit, type Alias, type Document, type Node } from 'yaml';

/** What each alias of a document stands for. */
export type Targets = ReadonlyMap<Alias, Node>;

/** What each alias stands for. The library's own `resolve` walks the whole document for each alias. */
export function findTargets(document: Document): Targets {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Alias(_key, alias) {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value(_key, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** The node itself, or what it stands for. */
export function follow(node: unknown, targets: Targets): Node | undefined {
  return isAlias(node) ? targets.get(node) : ((node ?? undefined) as Node | undefined);
}

/** A key as text; `undefined` for one that is no plain value. */
export function toKey(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  const { value } = key;
  if (typeof value === 'symbol') return '<<';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** Where a node begins in the text. */
export function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
