import type { FieldPath, FieldValue } from './yaml-source.ts';

/** One change of a file by the form. */
export type FieldEdit =
  | { readonly kind: 'set'; readonly path: FieldPath; readonly value: FieldValue }
  | { readonly kind: 'remove'; readonly path: FieldPath }
  | { readonly kind: 'append'; readonly path: FieldPath; readonly value: FieldValue };

type Plain = Record<string, unknown> | unknown[];

/**
 * What a document should say after an edit; the value handed in stays as it is. A section or a list that the edit leaves
 * empty goes too, except the document itself and the members of a list.
 */
export function withEdit(value: unknown, edit: FieldEdit): unknown {
  const root: unknown = structuredClone(value) ?? {};
  if (edit.kind === 'remove') {
    removeIn(root, edit.path);
    return root;
  }
  let at = root as Plain;
  for (const [depth, step] of edit.path.entries()) {
    const isLast = depth === edit.path.length - 1;
    const here = at as Record<string | number, unknown>;
    if (isLast && edit.kind === 'set') here[step] = structuredClone(edit.value);
    else if (isLast) here[step] = [...((here[step] as unknown[] | undefined) ?? []), structuredClone(edit.value)];
    else at = (here[step] ??= {}) as Plain;
  }
  return root;
}

function removeIn(root: unknown, path: readonly (string | number)[]): void {
  const parents: unknown[] = [root];
  for (const step of path.slice(0, -1))
    parents.push((parents.at(-1) as Record<string | number, unknown> | undefined)?.[step]);
  const parent = parents.at(-1);
  const last = path.at(-1);
  if (Array.isArray(parent) && typeof last === 'number') {
    parent.splice(last, 1);
    if (parent.length === 0 && path.length > 1) removeIn(root, path.slice(0, -1));
  } else if (typeof parent === 'object' && parent !== null && last !== undefined) {
    delete (parent as Record<string | number, unknown>)[last];
    const isMember = typeof path.at(-2) === 'number';
    if (Object.keys(parent).length === 0 && path.length > 1 && !isMember) removeIn(root, path.slice(0, -1));
  }
}

/** Whether two plain values say the same; the order of keys says nothing. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) => Object.hasOwn(b, key) && isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}
