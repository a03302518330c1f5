import type { Clock } from '../../time/clock.ts';
import type { ProcessEntry } from './process-table.ts';
import { signalMembers, type TreeSignal, type Urgency } from './tree-signals.ts';
import type { TreeRoot } from './tree-members.ts';

/** A pipeline's last programs may outlive its first by a moment (`tee`, a formatter): they get this long to end by themselves. */
const SETTLE_MS = 50;

/** A process that SIGKILL does not end in this time hangs in the kernel or belongs to another user: it is given up. */
const FORCE_LIMIT_MS = 5_000;

const FIRST_LOOK_MS = 5;
const MAX_LOOK_MS = 50;

/** What the end of a tree is told. */
export interface TreeEnd {
  readonly clock: Clock;
  readonly graceMs: number;
  /** Asked to end already while its root lives, or only after its root has ended by itself. */
  readonly isStopped: () => boolean;
  readonly root: () => TreeRoot;
  /** The living members now; rejects when the process table cannot be read. */
  readonly look: () => Promise<readonly ProcessEntry[]>;
  /** Resolves early when something happened that is worth a look. */
  readonly wait: (ms: number) => Promise<void>;
  /** `signalMembers` unless a test looks on. */
  readonly signal?: (signal: TreeSignal) => Promise<void>;
}

/** How it went. */
export interface TreeEnded {
  /** Processes that had to be asked or forced after their root had ended. */
  readonly strayCount: number;
  /** What could not be ended. */
  readonly survivors: readonly ProcessEntry[];
}

/** Ends a tree: asks, waits `graceMs`, forces, and looks again until nothing of it is left. */
export async function endTree(end: TreeEnd): Promise<TreeEnded> {
  const signalled = new Signalled(end.signal ?? signalMembers);
  const startedAtMonoMs = end.clock.monoMs();
  let askedAtMonoMs: number | undefined;
  let lookMs = FIRST_LOOK_MS;
  for (;;) {
    const members = await lookSafely(end);
    if (members?.length === 0 && end.root().isCollected) return { strayCount: signalled.strayCount, survivors: [] };
    const nowMonoMs = end.clock.monoMs();
    if (askedAtMonoMs === undefined && (end.isStopped() || nowMonoMs - startedAtMonoMs >= SETTLE_MS)) {
      askedAtMonoMs = nowMonoMs;
    }
    if (askedAtMonoMs !== undefined) {
      const askedMs = nowMonoMs - askedAtMonoMs;
      await signalled.signal(members ?? [], end.root(), askedMs < end.graceMs ? 'ask' : 'force');
      if (askedMs > end.graceMs + FORCE_LIMIT_MS) {
        return { strayCount: signalled.strayCount, survivors: members ?? [] };
      }
    }
    await end.wait(lookMs);
    lookMs = Math.min(lookMs * 2, MAX_LOOK_MS);
  }
}

/** Who was signalled so far. */
class Signalled {
  readonly #asked = new Set<string>();
  readonly #strays = new Set<string>();
  readonly #send: (signal: TreeSignal) => Promise<void>;

  constructor(send: (signal: TreeSignal) => Promise<void>) {
    this.#send = send;
  }

  get strayCount(): number {
    return this.#strays.size;
  }

  /** Asks each process once, since one that cleans up does not expect a second SIGTERM; forces as often as it is told. */
  async signal(members: readonly ProcessEntry[], root: TreeRoot, urgency: Urgency): Promise<void> {
    const targets = urgency === 'force' ? members : members.filter((entry) => !this.#asked.has(nameOf(entry)));
    if (targets.length === 0) return;
    const isFirst = this.#asked.size === 0;
    for (const entry of targets) {
      this.#asked.add(nameOf(entry));
      if (root.isCollected) this.#strays.add(nameOf(entry));
    }
    const groupId = isFirst || urgency === 'force' ? root.pid : undefined;
    await this.#send({ members: targets, urgency, groupId });
  }
}

/** A table that cannot be read is not an empty one; but the root, while it is not collected, is known without it. */
async function lookSafely(end: TreeEnd): Promise<readonly ProcessEntry[] | undefined> {
  try {
    return await end.look();
  } catch {
    const root = end.root();
    return root.isCollected ? undefined : [toEntry(root)];
  }
}

function toEntry({ pid, startedAt = '' }: TreeRoot): ProcessEntry {
  const unknown = { parentPid: 0, sessionId: pid, rssBytes: 0, isZombie: false, token: undefined, command: '' };
  return { pid, groupId: pid, startedAt, ...unknown };
}

function nameOf(entry: ProcessEntry): string {
  return `${entry.pid}@${entry.startedAt}`;
}
