/** An event of Chromium's trace format (Trace Event Format); times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  /** Of `dur`, what the thread had a processor for. */
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
}

/** What the page's main thread did between two looks. */
export interface MainThreadWork {
  /** Busy time from one frame to the next, in milliseconds: everything the thread ran, not only drawing. */
  readonly frameWorkMs: readonly number[];
  /** Of it the time that the thread had a processor for: what is missing, another program had it. */
  readonly frameCpuMs: readonly number[];
  /** Every task, in milliseconds. */
  readonly taskMs: readonly number[];
  readonly taskCpuMs: readonly number[];
  readonly seconds: number;
}

/** Categories that a trace must have been taken with. */
export const TRACE_CATEGORIES = [
  'toplevel',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'devtools.timeline.frame',
];

/** Names under which Chromium's versions report one task of a thread and one beginning frame of a page. */
const TASK = new Set(['RunTask', 'ThreadControllerImpl::RunTask']);
const FRAMES = ['BeginMainThreadFrame', 'AnimationFrame::Render'] as const;

/**
 * The page's main thread in a trace: of all renderer main threads the one that was busiest.
 *
 * Throws when the trace has no tasks or no frames, which would read as "no work at all".
 */
export function readMainThread(trace: Buffer): MainThreadWork {
  const { traceEvents } = JSON.parse(trace.toString('utf8')) as { traceEvents: TraceEvent[] };
  const thread = findBusiest(traceEvents);
  const own = traceEvents.filter(({ pid, tid }) => pid === thread.pid && tid === thread.tid);
  const tasks = outermost(own.filter(({ name, ph }) => ph === 'X' && TASK.has(name)));
  const frames = findFrames(own);
  if (tasks.length === 0 || frames.length < 2) throw new Error('The trace has no tasks or frames of the page.');
  const first = frames[0] as number;
  const last = frames.at(-1) as number;
  const work = new Float64Array(frames.length - 1);
  const cpu = new Float64Array(frames.length - 1);
  let frame = 0;
  for (const { ts, dur = 0, tdur = dur } of tasks) {
    if (ts < first || ts >= last) continue;
    while (ts >= (frames[frame + 1] as number)) frame++;
    work[frame]! += dur / 1_000;
    cpu[frame]! += tdur / 1_000;
  }
  const inRange = tasks.filter(({ ts }) => ts >= first && ts < last);
  return {
    frameWorkMs: [...work],
    frameCpuMs: [...cpu],
    taskMs: inRange.map(({ dur = 0 }) => dur / 1_000),
    taskCpuMs: inRange.map(({ dur = 0, tdur = dur }) => tdur / 1_000),
    seconds: (last - first) / 1e6,
  };
}

/** When frames began, by the first of the names that occurs. */
function findFrames(events: readonly TraceEvent[]): number[] {
  const byName = FRAMES.map((frame) =>
    events.flatMap(({ name, ph, ts }) => (name === frame && ph !== 'e' ? [ts] : [])).toSorted((a, b) => a - b),
  );
  return byName.find(({ length }) => length > 0) ?? [];
}

function findBusiest(events: readonly TraceEvent[]): TraceEvent {
  const threads = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const busy = (thread: TraceEvent): number =>
    events.reduce(
      (sum, { pid, tid, name, dur = 0 }) =>
        pid === thread.pid && tid === thread.tid && TASK.has(name) ? sum + dur : sum,
      0,
    );
  const [busiest] = threads.map((thread) => ({ thread, us: busy(thread) })).toSorted((a, b) => b.us - a.us);
  if (!busiest) throw new Error('The trace has no page.');
  return busiest.thread;
}

/** Tasks may be reported twice, one inside the other. */
function outermost(tasks: readonly TraceEvent[]): TraceEvent[] {
  const sorted = tasks.toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  let endUs = -Infinity;
  return sorted.filter(({ ts, dur = 0 }) => {
    if (ts + dur <= endUs) return false;
    endUs = ts + dur;
    return true;
  });
}
