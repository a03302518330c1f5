import type { z } from 'zod';
import type { ErrorCode } from '../errors/error-codes.ts';

/** Raised when a message's form changes; both sides must agree on it at the handshake. */
export const CONTRACT_VERSION = 3;

/** No effect; may be repeated and cancelled. */
export interface Query<Input = unknown, Output = unknown> {
  readonly kind: 'query';
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  readonly errors: readonly ErrorCode[];
  readonly deadlineMs: number;
}

/** Changes state; carries a request id, so that a retry applies once. */
export interface Command<Input = unknown, Output = unknown> {
  readonly kind: 'command';
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  readonly errors: readonly ErrorCode[];
  readonly deadlineMs: number;
}

/** A baseline, then changes, through a bounded buffer; at most one message per 100 ms. */
export interface Stream<Input = unknown, Item = unknown> {
  readonly kind: 'stream';
  readonly input: z.ZodType<Input>;
  readonly item: z.ZodType<Item>;
  readonly errors: readonly ErrorCode[];
  /** Items kept for a slow receiver. */
  readonly bufferedItems: number;
  /** At a full buffer: forget the oldest (states), or make the producer wait (facts that must all arrive). */
  readonly overflow: 'drop-oldest' | 'wait';
}

/** Anything a client may ask for; `kind` tells which. */
export type Entry = Query | Command | Stream;
/** The entries of one domain by name. */
export type Domain = Readonly<Record<string, Entry>>;

interface CallSpec<Input, Output> {
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  readonly errors?: readonly ErrorCode[];
  readonly deadlineMs: number;
}

/** Declares a query. */
export function query<Input, Output>(spec: CallSpec<Input, Output>): Query<Input, Output> {
  return { kind: 'query', errors: [], ...spec };
}

/** Declares a command. */
export function command<Input, Output>(spec: CallSpec<Input, Output>): Command<Input, Output> {
  return { kind: 'command', errors: [], ...spec };
}

/** Declares a stream. */
export function stream<Input, Item>(
  spec: Pick<Stream<Input, Item>, 'input' | 'item' | 'bufferedItems' | 'overflow'> & {
    readonly errors?: readonly ErrorCode[];
  },
): Stream<Input, Item> {
  return { kind: 'stream', errors: [], ...spec };
}

/** Names a group of entries; on the wire an entry is `<domain>.<entry>`. */
export function defineDomain<const Entries extends Domain>(
  name: string,
  entries: Entries,
): { readonly name: string; readonly entries: Entries } {
  return { name, entries };
}
