import { z } from 'zod';
import { CACHE_NAMES, CACHE_POLICIES } from '../model/cache-words.ts';
import { command, defineDomain, query, stream } from './define.ts';

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
  /** Garbage collections since it started. */
  collections: count.optional(),
  /** Part of its busy time in which they made it stand still. */
  gcRatio: z.number().optional(),
  gcPauseP50Ms: z.number().optional(),
  gcPauseP99Ms: z.number().optional(),
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

const breakerStatus = z.object({
  /** As people know what it guards: `the provider openai`. */
  name: z.string(),
  runId: z.string().optional(),
  state: z.enum(['closed', 'open', 'half-open']),
  /** Of its window. */
  calls: count,
  failures: count,
  /** Until it lets the first call through; 0 unless it is open. */
  retryAfterMs: count,
  /** Since the start. */
  timesOpened: count,
  refused: count,
});

const cacheStatus = z.object({
  name: z.enum(CACHE_NAMES),
  isEnabled: z.boolean(),
  entries: count,
  /** Of all entries, keys and overhead included, as they are counted against the limit. */
  bytes: count,
  /** Of them: in use, and never evicted. */
  pinnedEntries: count,
  pinnedBytes: count,
  maxEntries: count,
  maxBytes: count,
  /** Lowered limits do not hold yet. */
  isDraining: z.boolean(),
  policy: z.enum(CACHE_POLICIES),
  /** Another than `policy` while entries move from one to the other. */
  wantedPolicy: z.enum(CACHE_POLICIES),
  /** 0 for no limit of time. */
  ttlMs: count,
  /** Answers that were given from it; `outdated` ones count as misses. */
  hits: count,
  misses: count,
  /** Absent before anybody asked. */
  hitRatio: z.number().optional(),
  /** Entries that left for want of room, and those whose time was over. */
  evictions: count,
  expired: count,
  /** Entries that were found and did not hold any more: what they were made from had changed. */
  outdated: count,
  /** Values that were not kept: too large, or no room beside what is pinned. */
  refused: count,
  /** Values made for it, and callers that waited for one that another had asked for. */
  loads: count,
  joined: count,
  loadP50Ms: z.number().optional(),
  loadP99Ms: z.number().optional(),
  /** Of contexts: moved to history, and brought back. */
  spilled: count.optional(),
  broughtBack: count.optional(),
});

const memoryStatus = z.object({
  rssBytes: count,
  heapUsedBytes: count,
  heapLimitBytes: count,
  externalBytes: count,
  machineBytes: count,
  availableBytes: count,
  /** What the memory gate makes of it. */
  gate: z.object({
    level: z.enum(['off', 'unknown', 'open', 'careful', 'short']),
    /** One sentence for a person. */
    text: z.string(),
    timesShort: count,
    shortMs: z.number().min(0),
  }),
  /** What the tuner of the worker threads' young generation does. */
  tuner: z.object({
    phase: z.enum(['off', 'cooling down', 'measuring', 'applying']),
    youngBytes: count,
    /** Its newest step, or what it advises. */
    advice: z
      .object({
        kind: z.enum(['moved', 'advised', 'held', 'refused']),
        toBytes: count,
        why: z.string(),
        atMs: z.number(),
      })
      .optional(),
  }),
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
  breakers: z.array(breakerStatus),
  caches: z.array(cacheStatus),
  memory: memoryStatus,
});

/** A lane as `status` shows it. */
export type LaneStatus = z.infer<typeof laneStatus>;
/** A thread as `status` shows it: main and every worker thread. */
export type ThreadStatus = z.infer<typeof threadStatus>;
/** A provider as `status` shows it. */
export type ProviderStatus = z.infer<typeof providerStatus>;
/** A circuit breaker as `status` shows it. */
export type BreakerStatus = z.infer<typeof breakerStatus>;
/** A cache as `status` shows it. */
export type CacheStatus = z.infer<typeof cacheStatus>;
/** Memory of the process and of the machine. */
export type MemoryStatus = z.infer<typeof memoryStatus>;
/** The running instance at a glance. */
export type InstanceStatus = z.infer<typeof instanceStatus>;

/** How the instance feels, the worst that holds: nothing to say, short of something, or something is wrong. */
const HEALTH_LEVELS = ['healthy', 'busy', 'trouble'] as const;

const pulse = z.object({
  atMs: z.number(),
  /**
   * `trouble` while history cannot be written; `busy` while the memory gate holds starts back or less than 5 % of the memory
   * is available, main was late by more than 100 ms, or a lane refused work in the last 10 s. The reason is a sentence; `healthy` has none.
   */
  health: z.object({ level: z.enum(HEALTH_LEVELS), reason: z.string().optional() }),
  liveRuns: count,
  agentsRunning: count,
  /** Of all cores, 0..1, over the last second: this program with all its threads, without the programs it started. */
  cpuRatio: z.number(),
  memory: memoryStatus,
  /** Of main, over the last second. */
  loopDelayP99Ms: z.number(),
  loopUtilisationRatio: z.number(),
  /** What waits, by lane, the most first; lanes in which nothing waits are left out. */
  waiting: z.array(z.object({ lane: z.string(), waiting: count, running: count, max: count })),
  /** In force: worker threads, tasks of the io lane and programs at the same time, at most. */
  cpuWorkers: count,
  ioSlots: count,
  processes: count,
  history: z.object({
    /** The database with its write-ahead log. */
    bytes: count,
    /** Records that are not durable yet. */
    pending: count,
    lagMs: z.number(),
    trouble: z.string().optional(),
  }),
});

/** What a person chose for the window. */
export const preferences = z.strictObject({ theme: z.enum(['system', 'dark', 'light']) });

/** The machine strip and the foot of the window, once a second. */
export type Pulse = z.infer<typeof pulse>;
/** What a person chose for the window; kept in the data directory. */
export type Preferences = z.infer<typeof preferences>;

/** Where the window runs: what differs between the two is said on screen. */
const HOSTS = ['desktop', 'serve', 'terminal'] as const;

/** The instance itself. */
export const app = defineDomain('app', {
  version: query({
    input: nothing,
    output: z.object({ version: z.string(), contract: z.number().int(), pid: count }),
    deadlineMs: 2_000,
  }),
  status: query({ input: nothing, output: instanceStatus, deadlineMs: 2_000 }),
  /** What the window says about the program and this machine; but for `hasLog` it does not change while it runs. */
  about: query({
    input: nothing,
    output: z.object({
      version: z.string(),
      host: z.enum(HOSTS),
      platform: z.string(),
      cores: count,
      dataDir: z.string(),
      historyPath: z.string(),
      logPath: z.string(),
      /** Whether there is a log: it begins with the first thing there is to say. */
      hasLog: z.boolean(),
      /** Whether a provider's key may be kept by the operating system; `serve` takes keys from its environment only. */
      keepsKeys: z.boolean(),
      /** The folder that file dialogs begin in: where the program was started, or the person's own. */
      startFolder: z.string(),
    }),
    deadlineMs: 2_000,
  }),
  pulse: stream({ input: nothing, item: pulse, bufferedItems: 2, overflow: 'drop-oldest' }),
  preferences: query({ input: nothing, output: preferences, deadlineMs: 2_000 }),
  setPreferences: command({
    input: preferences,
    output: preferences,
    errors: ['DATA_DIR_READ_ONLY', 'DISK_FULL'],
    deadlineMs: 5_000,
  }),
  /**
   * Brings the window of this instance to the front: the desktop focuses it, `serve` answers an address with a new one-time
   * token; an instance without a window answers neither.
   */
  show: command({
    input: nothing,
    output: z.object({ shown: z.boolean(), url: z.string().optional() }),
    deadlineMs: 5_000,
  }),
});
