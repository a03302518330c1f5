/** Functions that run in the threads of every subject. */
export const noop = (): undefined => undefined;

export const echo = (value: unknown): unknown => value;

/** Keeps its thread busy for so many milliseconds. */
export function spin(ms: number): undefined {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

export const bytes = (count: number): Uint8Array => new Uint8Array(count);

/** Buffers are made so many at a time, so that most calls only hand one over. */
const MADE_AT_ONCE = 8;
const made = new Map<number, Uint8Array[]>();

/** Bytes that were made and written before, most of the time. */
export function madeBytes(count: number): Uint8Array {
  let ready = made.get(count);
  if (ready === undefined) made.set(count, (ready = []));
  if (ready.length === 0) for (let index = 0; index < MADE_AT_ONCE; index++) ready.push(new Uint8Array(count).fill(1));
  return ready.pop()!;
}

const byName = { noop, echo, spin, bytes, madeBytes };

/** One of the above; what a task of a subject is called. */
export type TaskName = keyof typeof byName;

/** Tasks that travel together. */
export interface Group {
  readonly names: readonly TaskName[];
  readonly inputs: readonly unknown[];
}

/** Runs a group in order; for subjects that group by hand. */
export function runGroup({ names, inputs }: Group): unknown[] {
  return names.map((name, index) => byName[name](inputs[index] as never));
}
