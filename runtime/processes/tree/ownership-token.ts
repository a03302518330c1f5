import { randomBytes } from 'node:crypto';

/** The environment variable that names the owners of a process, outermost first: `<instance>.<process id>`, with commas. */
export const TOKEN_NAME = 'FLOTILLA_TOKEN';

/** Outer owners beyond this are forgotten: a Flotilla inside a Flotilla inside …, eight deep. */
const MAX_OWNERS = 8;

/** Bytes of an instance's name: as many as fit into a limit mark. */
const NAME_BYTES = 5;

/** A soft limit on the data segment from here up is a limit mark: 4 PiB, which limits nobody. */
const MARK_BASE_BYTES = 2 ** 52;

/** Shells count this limit in kilobytes. */
const MARK_UNIT_BYTES = 1024;

/** What a limit mark names instead of a process id: it tells the instance only. */
export const UNKNOWN_ID = 0;

/** A name for one instance of `Processes`; 40 random bits, so that no two on a machine are the same. */
export function createInstanceName(): string {
  return randomBytes(NAME_BYTES).toString('hex');
}

/**
 * The mark of `instance` as a soft limit on the data segment, in kilobytes. Limits are inherited by every process, and
 * unlike an environment nothing clears them by the way: it finds those that dropped their token (setrlimit(2)).
 */
export function toLimitMark(instance: string): number {
  return MARK_BASE_BYTES / MARK_UNIT_BYTES + Number.parseInt(instance, 16);
}

/** The token that a soft limit on the data segment stands for; `undefined` when it is no mark. */
export function fromLimitMark(limitBytes: number): string | undefined {
  const name = (limitBytes - MARK_BASE_BYTES) / MARK_UNIT_BYTES;
  if (!Number.isInteger(name) || name < 0 || name >= 2 ** (NAME_BYTES * 8)) return undefined;
  return `${name.toString(16).padStart(NAME_BYTES * 2, '0')}.${UNKNOWN_ID}`;
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
