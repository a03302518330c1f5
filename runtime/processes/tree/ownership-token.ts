import { randomBytes } from 'node:crypto';

/** The environment variable that names the owners of a process, outermost first: `<instance>.<process id>`, with commas. */
export const TOKEN_NAME = 'FLOTILLA_TOKEN';

/** Outer owners beyond this are forgotten: a Flotilla inside a Flotilla inside …, eight deep. */
const MAX_OWNERS = 8;

/** A name for one instance of `Processes`; 72 random bits, so that no two on a machine are the same. */
export function createInstanceName(): string {
  return randomBytes(9).toString('hex');
}

/**
 * The token of process `id` of `instance`. `outer` is the token this process itself runs under, so that the tree
 * of a Flotilla that another one started belongs to both.
 */
export function toToken(instance: string, id: number, outer: string | undefined): string {
  const owners = outer ? outer.split(',').slice(1 - MAX_OWNERS) : [];
  return [...owners, `${instance}.${id}`].join(',');
}

/** The process id that `token` names for `instance`; `undefined` when the token is not of this instance. */
export function findOwnedId(token: string | undefined, instance: string): number | undefined {
  if (!token?.includes(instance)) return undefined;
  for (const owner of token.split(',')) {
    const dot = owner.indexOf('.');
    if (dot > 0 && owner.slice(0, dot) === instance) return Number(owner.slice(dot + 1));
  }
  return undefined;
}
