import { systemClock } from '../../runtime/time/clock.ts';
import type { InstanceStatus } from '../../shared/contract/app.ts';
import { joinInstance } from '../instance/join-instance.ts';
import type { CommandFrame } from './frame.ts';
import { toCount, toDuration, toSize, toTable } from './text-table.ts';

/** `status`: the running instance at a glance; that there is none is an answer, not a failure. */
export async function showStatus({ dataDir, output, version }: CommandFrame): Promise<number> {
  const joined = await joinInstance(dataDir, systemClock, `flotilla ${version}`);
  if (!joined) {
    output.note(`No instance is running on ${dataDir}; "flotilla run FILE" starts one.`);
    return 0;
  }
  await using client = joined;
  const [status, { runs }] = await Promise.all([client.calls.app.status({}), client.calls.runs.list({})]);
  const { pid, startedAtMs, liveRuns, memory } = status;
  output.line('instance', { pid, version: status.version, startedAtMs, dataDir: status.dataDir, liveRuns });
  output.line('memory', memory);
  for (const run of runs) output.line('run', run);
  for (const lane of status.lanes) output.line('lane', lane);
  for (const thread of status.threads) output.line('thread', thread);
  for (const provider of status.providers) output.line('provider', provider);
  for (const breaker of status.breakers) output.line('breaker', breaker);
  for (const cache of status.caches) output.line('cache', cache);
  output.text(
    `Instance ${pid} (version ${status.version}), up ${toDuration(Math.max(0, systemClock.nowMs() - startedAtMs))}, ${liveRuns} live ${liveRuns === 1 ? 'run' : 'runs'}, ${toSize(memory.rssBytes)} resident, ${toSize(memory.availableBytes)} available of ${toSize(memory.machineBytes)}.`,
  );
  if (memory.gate.level !== 'open') output.text(memory.gate.text);
  output.text(toTunerText(memory.tuner));
  for (const table of tablesOf(status)) output.text(`\n${table}`);
  if (runs.length > 0) {
    const rows = runs.map((run) => [
      run.runId,
      run.fleet,
      run.state,
      `${run.agentsDone}/${run.agents}`,
      toCount(run.toolCalls),
    ]);
    output.text(`\n${toTable(['run', 'fleet', 'state', 'agents', 'tool calls'], rows)}`);
  }
  return 0;
}

/** What the tuner does, what it found last, and how its advice is taken. */
function toTunerText({ phase, youngBytes, advice }: InstanceStatus['memory']['tuner']): string {
  const size = `Worker threads have a young generation of ${toSize(youngBytes)}`;
  if (phase === 'off') return `${size}; its tuner is off.`;
  if (advice?.kind !== 'advised') return `${size}; its tuner is ${phase}. ${advice?.why ?? ''}`.trimEnd();
  const way = `flotilla settings set cpu.youngGenerationBytes ${advice.toBytes}`;
  return `${size}; its tuner is ${phase} and advises: ${advice.why} To do so: ${way}`;
}

function tablesOf({ lanes, threads, providers, breakers, caches }: InstanceStatus): string[] {
  const tables = [
    {
      head: ['lane', 'running', 'max', 'waiting', 'capacity', 'done', 'failed', 'refused', 'wait p99', 'run p99'],
      rows: lanes.map((lane) => [
        lane.name,
        toCount(lane.running),
        toCount(lane.max),
        toCount(lane.waiting),
        toCount(lane.queueCapacity),
        toCount(lane.completed),
        toCount(lane.failed),
        toCount(lane.refused),
        lane.waitP99Ms === undefined ? '–' : toDuration(lane.waitP99Ms),
        lane.runP99Ms === undefined ? '–' : toDuration(lane.runP99Ms),
      ]),
    },
    {
      head: ['thread', 'busy', 'heap', 'heap limit', 'tasks', 'collections', 'of its time', 'pause p99'],
      rows: threads.map((thread) => [
        thread.name,
        `${Math.round(thread.utilisationRatio * 100)} %`,
        toSize(thread.heapUsedBytes),
        toSize(thread.heapLimitBytes),
        thread.completed === undefined ? '–' : toCount(thread.completed),
        thread.collections === undefined ? '–' : toCount(thread.collections),
        thread.gcRatio === undefined ? '–' : `${(thread.gcRatio * 100).toFixed(1)} %`,
        thread.gcPauseP99Ms === undefined ? '–' : toDuration(thread.gcPauseP99Ms),
      ]),
    },
    {
      head: ['provider', 'address', 'connections', 'streams', 'requests', 'failed', 'rate limited'],
      rows: providers.map((provider) => [
        provider.name,
        provider.baseUrl,
        toCount(provider.connections),
        toCount(provider.streams),
        toCount(provider.requests),
        toCount(provider.failed),
        toCount(provider.rateLimited),
      ]),
    },
    {
      head: ['breaker', 'state', 'calls', 'failed', 'opened', 'refused', 'tried again in'],
      rows: breakers.map((breaker) => [
        breaker.name,
        breaker.state,
        toCount(breaker.calls),
        toCount(breaker.failures),
        toCount(breaker.timesOpened),
        toCount(breaker.refused),
        breaker.state === 'open' ? toDuration(breaker.retryAfterMs) : '–',
      ]),
    },
    {
      head: ['cache', 'entries', 'max', 'size', 'max', 'policy', 'hits', 'rate', 'evicted', 'load p50'],
      rows: caches.map((cache) => [
        cache.isEnabled ? cache.name : `${cache.name} (off)`,
        toCount(cache.entries),
        toCount(cache.maxEntries),
        toSize(cache.bytes),
        toSize(cache.maxBytes),
        cache.policy,
        toCount(cache.hits),
        cache.hitRatio === undefined ? '–' : `${Math.round(cache.hitRatio * 100)} %`,
        toCount(cache.evictions),
        cache.loadP50Ms === undefined ? '–' : toDuration(cache.loadP50Ms),
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0).map(({ head, rows }) => toTable(head, rows));
}
