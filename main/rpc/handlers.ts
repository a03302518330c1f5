import type { Contract, InputOf, OutputOf } from '../../shared/contract/contract.ts';
import type { Entry } from '../../shared/contract/define.ts';

/** What a handler learns beside its input. */
interface CallContext {
  /** Aborts when the caller cancels, its connection ends or the deadline passes. */
  readonly signal: AbortSignal;
}

type HandlerOf<E extends Entry> = E extends { kind: 'stream' }
  ? (input: InputOf<E>, context: CallContext) => AsyncIterable<OutputOf<E>>
  : (input: InputOf<E>, context: CallContext) => Promise<OutputOf<E>> | OutputOf<E>;

/** One function per entry of a contract; at most ten lines each: call one method, shape its answer. */
export type Handlers<C extends Contract> = {
  readonly [D in keyof C]: { readonly [E in keyof C[D]['entries']]: HandlerOf<C[D]['entries'][E]> };
};

/** A handler after its entry's types are checked where it is written. */
export type AnyHandler = (input: unknown, context: CallContext) => unknown;
