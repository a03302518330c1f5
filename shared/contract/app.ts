import { z } from 'zod';
import { defineDomain, query } from './define.ts';

const count = z.number().int().min(0);
const nothing = z.strictObject({});

const laneStatus = z.object({
  name: z.string(),
  running: count,
  waiting: count,
  max: count,
  queueCapacity: count,
  completed: count,
  failed: count,
  refused: count,
  cancelled: count,
  timedOut: count,
  waitP50Ms: z.number().optional(),
  waitP99Ms: z.number().optional(),
  runP50Ms: z.number().optional(),
  runP99Ms: z.number().optional(),
});

const threadStatus = z.object({
  name: z.string(),
  utilisationRatio: z.number(),
  heapUsedBytes: count,
  heapLimitBytes: count,
  completed: count.optional(),
});

const providerStatus = z.object({
  name: z.string(),
  baseUrl: z.string(),
  connections: count,
  streams: count,
  requests: count,
  failed: count,
  rateLimited: count,
  firstTokenP50Ms: z.number().optional(),
});

const cacheStatus = z.object({ name: z.string(), entries: count, bytes: count, hits: count, misses: count });

const memoryStatus = z.object({
  rssBytes: count,
  heapUsedBytes: count,
  heapLimitBytes: count,
  externalBytes: count,
  machineBytes: count,
  availableBytes: count,
});

const instanceStatus = z.object({
  pid: count,
  version: z.string(),
  startedAtMs: z.number(),
  dataDir: z.string(),
  liveRuns: count,
  lanes: z.array(laneStatus),
  threads: z.array(threadStatus),
  providers: z.array(providerStatus),
  caches: z.array(cacheStatus),
  memory: memoryStatus,
});

/** A lane as `status` shows it. */
export type LaneStatus = z.infer<typeof laneStatus>;
/** A thread as `status` shows it: main and every worker thread. */
export type ThreadStatus = z.infer<typeof threadStatus>;
/** A provider as `status` shows it. */
export type ProviderStatus = z.infer<typeof providerStatus>;
/** A cache as `status` shows it. */
export type CacheStatus = z.infer<typeof cacheStatus>;
/** Memory of the process and of the machine. */
export type MemoryStatus = z.infer<typeof memoryStatus>;
/** The running instance at a glance. */
export type InstanceStatus = z.infer<typeof instanceStatus>;

/** The instance itself. */
export const app = defineDomain('app', {
  version: query({
    input: nothing,
    output: z.object({ version: z.string(), contract: z.number().int(), pid: count }),
    deadlineMs: 2_000,
  }),
  status: query({ input: nothing, output: instanceStatus, deadlineMs: 2_000 }),
});
