import { createBufferPool, type BufferLoan, type BufferPool } from '../../../runtime/memory/pools/buffer-pool.ts';

/** Sessions a thread works for, and what each of them keeps of its conversation. */
const SESSIONS = 200;
const MESSAGES_KEPT = 40;
/** Reads whose bytes are still needed: sockets and files that are read at once. */
const READS_OPEN = 64;
const READ_BYTES = 16 * 1_024;
const LINES = 24;

interface Message {
  readonly id: number;
  readonly lines: readonly string[];
}

/**
 * What an agent's tool calls allocate: each step reads 16 KB into a buffer, parses the message in it, and keeps it in one of
 * 200 conversations of 40 messages; everything else dies at once.
 */
export class AgentAllocation {
  private readonly pool: BufferPool | undefined;
  private readonly sessions: Message[][] = Array.from({ length: SESSIONS }, () => []);
  private readonly open: { readonly bytes: Buffer; readonly release?: () => void }[] = [];
  private steps = 0;
  private unpooledCount = 0;

  /** @param isPooled Whether buffers come from a pool of 4 MiB. */
  constructor(isPooled: boolean) {
    this.pool = isPooled ? createBufferPool({ maxIdleBytes: 4 * 2 ** 20 }) : undefined;
  }

  /** Buffers that had to be made. */
  get madeCount(): number {
    const pooled = this.pool?.stats().classes.reduce((sum, { createdCount }) => sum + createdCount, 0) ?? 0;
    return this.unpooledCount + pooled;
  }

  step(): void {
    const number = this.steps++;
    const lines = Array.from(
      { length: LINES },
      (_, line) => `line ${line} of call ${number}: something was found here`,
    );
    const text = JSON.stringify({ id: number, role: 'tool', lines });
    const read = this.read();
    const { bytes } = read;
    const length = bytes.write(text);
    const message = JSON.parse(bytes.toString('utf8', 0, length)) as Message;
    const session = this.sessions[number % SESSIONS]!;
    session.push(message);
    if (session.length > MESSAGES_KEPT) session.shift();
    this.open.push(read);
    if (this.open.length > READS_OPEN) this.open.shift()!.release?.();
  }

  private read(): BufferLoan | { readonly bytes: Buffer } {
    if (this.pool === undefined) {
      this.unpooledCount++;
      return { bytes: Buffer.allocUnsafeSlow(READ_BYTES) };
    }
    return this.pool.acquire(READ_BYTES);
  }
}
