import type { CpuThread } from './cpu-thread.ts';
import type { TaskName } from './task-names.ts';

/** One submission, from `run` until it settles. */
export class Call {
  readonly task: TaskName;
  readonly input: unknown;
  readonly isRepeatable: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Threads that died while they ran it. */
  lossCount = 0;
  /** A thread died that had begun nothing and had been sent this among others: it is sent alone, so that it can be told whose fault it is. */
  goesAlone = false;
  /** Its number among the calls with a deadline or a signal; -1 without. */
  limitRecord = -1;
  isSettled = false;
  /** The thread it was sent to, and its slot there; it may still be taken back. */
  thread: CpuThread | undefined = undefined;
  slot = -1;
  /** What its task was expected to take when it was sent. */
  expectedUs = 0;
  /** Neighbours in the queue it waits in. */
  queue: CallQueue | undefined = undefined;
  next: Call | undefined = undefined;
  previous: Call | undefined = undefined;

  constructor(
    task: TaskName,
    input: unknown,
    isRepeatable: boolean,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.task = task;
    this.input = input;
    this.isRepeatable = isRepeatable;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** Calls in order; each is put in, taken and taken out in constant time. A call waits in one queue at most. */
export class CallQueue {
  private head: Call | undefined = undefined;
  private tail: Call | undefined = undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  get first(): Call | undefined {
    return this.head;
  }

  pushBack(call: Call): void {
    call.queue = this;
    call.previous = this.tail;
    call.next = undefined;
    if (this.tail === undefined) this.head = call;
    else this.tail.next = call;
    this.tail = call;
    this.count++;
  }

  /** Puts calls before all others, the first of them foremost. */
  pushFront(calls: readonly Call[]): void {
    for (const call of calls.toReversed()) {
      call.queue = this;
      call.next = this.head;
      call.previous = undefined;
      if (this.head === undefined) this.tail = call;
      else this.head.previous = call;
      this.head = call;
      this.count++;
    }
  }

  shift(): Call | undefined {
    const call = this.head;
    if (call !== undefined) this.remove(call);
    return call;
  }

  /** Whether the call was in this queue. */
  remove(call: Call): boolean {
    if (call.queue !== this) return false;
    const { next, previous } = call;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    call.queue = call.next = call.previous = undefined;
    this.count--;
    return true;
  }
}
