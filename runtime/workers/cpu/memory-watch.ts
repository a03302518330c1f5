import { AppError } from '../../../shared/errors/app-error.ts';
import type { Clock, Timer } from '../../time/clock.ts';
import type { CpuThread } from './cpu-thread.ts';
import type { Crew } from './crew.ts';

/** A task that allocates 1 GB a second is over its limit by 50 MB at most when it is seen. */
const LOOK_EVERY_MS = 50;
const MB = 1024 * 1024;

/** Whose memory is watched, and who is told. */
export interface Watched {
  readonly crew: Crew;
  readonly isBusy: boolean;
  condemn(thread: CpuThread, verdict: AppError): void;
}

/**
 * Limits what threads keep outside their heaps, which V8's own limits do not count: a thread that is over after a task is
 * replaced without harm to any; one that goes over within a task is ended, and the task fails with WORKER_OUT_OF_MEMORY.
 */
export class MemoryWatch {
  private readonly clock: Clock;
  private readonly watched: Watched;
  private readonly begunAtLastLook = new WeakMap<CpuThread, number>();
  private timer: Timer | undefined;

  constructor(clock: Clock, watched: Watched) {
    this.clock = clock;
    this.watched = watched;
  }

  /** Looks at all threads from now on, until there is nothing to do. */
  start(): void {
    if (this.timer !== undefined) return;
    this.timer = this.clock.after(LOOK_EVERY_MS, this.look);
    this.timer.keepAlive(false);
  }

  stop(): void {
    this.timer?.[Symbol.dispose]();
  }

  private readonly look = (): void => {
    this.timer = undefined;
    for (const thread of this.watched.crew.members) {
      if (!thread.isReady || thread.isKilled) continue;
      const { begunCount } = thread;
      const isStuck = thread.heldCount > 0 && this.begunAtLastLook.get(thread) === begunCount;
      this.begunAtLastLook.set(thread, begunCount);
      if (isStuck) void this.lookInside(thread, begunCount);
      else if (thread.memory.externalBytes > this.limitBytes) this.replace(thread);
    }
    if (this.watched.isBusy) this.start();
  };

  private get limitBytes(): number {
    return this.watched.crew.options.externalBytes;
  }

  private async lookInside(thread: CpuThread, begunCount: number): Promise<void> {
    await thread.readMemory();
    // One that is being replaced was over before its last task began.
    const limitBytes = this.limitBytes * (thread.verdict === undefined ? 1 : 2);
    const { externalBytes } = thread.memory;
    if (thread.hasEnded || thread.isKilled || thread.begunCount !== begunCount || externalBytes <= limitBytes) return;
    this.watched.condemn(thread, this.outOfMemory(thread));
  }

  private replace(thread: CpuThread): void {
    if (thread.verdict !== undefined) return;
    thread.verdict = this.outOfMemory(thread);
    this.watched.crew.retire(thread);
  }

  private outOfMemory(thread: CpuThread): AppError {
    const limitMb = Math.round(this.limitBytes / MB);
    const usedMb = Math.round(thread.memory.externalBytes / MB);
    return new AppError(
      'WORKER_OUT_OF_MEMORY',
      `The task kept ${usedMb} MB of buffers where the thread ${thread.name} may keep ${limitMb} MB outside its heap; raise the limit or give it less.`,
      { details: { externalBytes: thread.memory.externalBytes, limitBytes: this.limitBytes } },
    );
  }
}
