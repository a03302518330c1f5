import type { KeptResult } from '../cache/named/named-caches.ts';
import { toCacheKey, type CacheScope } from '../cache/named/cache-key.ts';
import type { NamedCache } from '../cache/named/named-cache.ts';
import type { LaneName } from '../admission/gate.ts';
import { untilAborted } from '../time/until-aborted.ts';
import type { ActiveCall } from './active-call.ts';
import { toCancellation } from './call-limits.ts';
import type { Tool, ToolOutput } from './tool.ts';

/** A kept output that does not hold is made anew, by whoever is first; after so many that changed at once a call runs by itself. */
const MAX_LOOKS = 3;

/** The run whose calls are served. */
export interface KeptCallsParts {
  readonly cache: NamedCache<KeptResult>;
  readonly scope: CacheScope;
  readonly workspace: string;
  /** Runs the call through the gate and ends it; `undefined` when it failed. Never rejects. */
  readonly run: (active: ActiveCall, tool: Tool) => Promise<ToolOutput | undefined>;
  /** Does a little work in a lane for a call; rejects when there is no room. */
  readonly submit: <T>(active: ActiveCall, lane: LaneName, work: () => Promise<T>) => Promise<T>;
  /** Aborts when the run ends. */
  readonly ending: AbortSignal;
}

/**
 * Serves calls from kept outputs while what those were made from is the same; equal calls that come at the same time run once.
 *
 * Before an output is given again, its basis is looked at: also for a call that waited for the output of another, since its
 * agent may have changed a file after the other had begun to read.
 */
export class KeptCalls {
  readonly #parts: KeptCallsParts;

  constructor(parts: KeptCallsParts) {
    this.#parts = parts;
  }

  /** Whether outputs are kept at present. */
  get isOn(): boolean {
    return this.#parts.cache.isEnabled;
  }

  /** Brings a call to its end. Never rejects. */
  async serve(active: ActiveCall, tool: Tool, input: unknown): Promise<void> {
    const { cache, scope, workspace, run } = this.#parts;
    const { maxOutputBytes } = active;
    const key = toCacheKey(scope, [tool.name, workspace, maxOutputBytes, input]);
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const wasLoading = cache.isLoading(key);
      let isOwn = false;
      const loading = cache.load(key, async () => {
        isOwn = true;
        const output = await run(active, tool);
        // What was cut by another limit than it was asked under, since that changed while it waited, is not what the key says.
        return active.maxOutputBytes === maxOutputBytes ? toKept(output) : undefined;
      });
      const kept = wasLoading ? await this.#unlessEnded(active, loading) : await loading;
      if (isOwn || active.isSettled) return;
      if (kept === undefined) break;
      if (await this.#holds(active, tool, kept)) {
        if (wasLoading) cache.countShared();
        return active.answer(kept.text, kept.outputBytes);
      }
      if (active.isSettled || active.cause !== undefined) {
        if (!wasLoading) cache.countUnused();
        return active.fail(active.cause);
      }
      cache.retract(key, kept, wasLoading);
    }
    await run(active, tool);
  }

  /** Where there is no room to look, the call goes the way of all calls and waits its turn. */
  async #holds(active: ActiveCall, { basis }: Tool, kept: KeptResult): Promise<boolean> {
    if (basis === undefined) return false;
    try {
      return (await this.#parts.submit(active, basis.lane, () => active.look())) === kept.basis;
    } catch {
      return false;
    }
  }

  /** What another call comes to, unless this one is cancelled or its run ends before. */
  async #unlessEnded(active: ActiveCall, loading: Promise<KeptResult | undefined>): Promise<KeptResult | undefined> {
    const signal = AbortSignal.any([active.callerSignal, this.#parts.ending]);
    try {
      return await untilAborted(loading, signal);
    } catch {
      // A load never rejects: its call ends by itself and leaves nothing.
      active.fail(toCancellation(signal));
      return undefined;
    }
  }
}

function toKept(output: ToolOutput | undefined): KeptResult | undefined {
  if (output?.basis === undefined || output.error !== undefined) return undefined;
  return { text: output.text, outputBytes: output.outputBytes, basis: output.basis };
}
