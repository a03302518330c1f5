import { z } from 'zod';
import type { FleetProblem } from '../fleet/fleet-problem.ts';
import { command, defineDomain, query } from './define.ts';
import { runId } from './run-schemas.ts';
import { RUN_STATES } from '../model/states.ts';

/** Longest fleet file that crosses the contract as text, in characters. */
const MAX_FLEET_CHARS = 4_000_000;

const source = {
  /** Absolute; also where the file's relative paths start. */
  path: z.string().min(1).max(4_096).optional(),
  text: z.string().max(MAX_FLEET_CHARS).optional(),
  /** `--set` values by their key in the file: `limits.turns`. */
  overrides: z.record(z.string().max(200), z.unknown()),
};

const launchRequest = z.strictObject({
  ...source,
  /** Continues this run instead of starting a new one; the file may then be left out. */
  resume: runId.optional(),
  /** With `resume`: of the agents in a final state, start again those that failed. */
  only: z.literal('failed').optional(),
});

const fleetProblem: z.ZodType<FleetProblem> = z.object({
  file: z.string(),
  line: z.number().int().min(0),
  column: z.number().int().min(0),
  message: z.string(),
  hint: z.string().optional(),
  sourceLine: z.string().optional(),
});

const count = z.number().int().min(0);
const path = z.string().min(1).max(4_096);

/** What a launch of the fleet would start. */
const fleetPreview = z.object({
  name: z.string(),
  description: z.string(),
  workspace: z.string(),
  /** How many agents, by the entry of the file they come from; the first 1,000 entries. */
  groups: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['model', 'command', 'acp']),
      agents: count,
      uses: z.string(),
      tools: z.array(z.string()),
    }),
  ),
  agents: count,
  concurrentAgents: count,
  turnsPerAgent: count,
  toolCallsPerAgent: count,
  minutesPerAgent: z.number(),
  allow: z.array(z.string()),
  budget: z.object({ usd: z.number().optional(), tokens: z.number().optional() }),
  /**
   * What it costs at most, in dollars: every agent uses all its turns (one without tools), writes 1,000 tokens in each and
   * gets 1,500 from its tools, ends with an answer as long as its ceiling (4,000 without one), sends the whole conversation
   * each time up to the context window, and nothing is cached or retried; never above the budget, where the run pauses.
   * Absent when a price is not known, and where a member is a program; `unknownBy` then says which of both. `isFree` where all members are models that run on
   * this machine or are simulated.
   */
  cost: z.object({
    isFree: z.boolean(),
    upToUsd: z.number().optional(),
    unknownBy: z.enum(['price', 'program']).optional(),
  }),
  /**
   * Providers it needs, and whether each has its key: one that is missing is seen before the launch. None of them is asked.
   * The simulated one has no address before it is started.
   */
  providers: z.array(
    z.object({ name: z.string(), baseUrl: z.string(), ready: z.boolean(), problem: z.string().optional() }),
  ),
  resultsPath: z.string().optional(),
  /**
   * What a person should know before launching, a sentence each, the gravest first: a shell without a sandbox, programs,
   * writing tools, tools that are offered and not allowed.
   */
  warnings: z.array(z.string()),
});

const lastRun = z.object({
  runId,
  state: z.enum(RUN_STATES),
  startedAtMs: z.number(),
  endedAtMs: z.number().optional(),
  agents: count,
  failed: count,
  costUsd: z.number(),
});

const knownFleet = z.object({
  path,
  /** The fleet's name where it is known, else the file's. */
  name: z.string(),
  description: z.string(),
  /** `example` came with the program, `added` was opened or written here, `run` was launched from somewhere. */
  origin: z.enum(['example', 'added', 'run']),
  exists: z.boolean(),
  changedAtMs: z.number().optional(),
  lastRun: lastRun.optional(),
});

const fleetText = z.object({
  path,
  text: z.string(),
  /** Of the text; handed back with `write`, so that nobody's change is overwritten unseen. */
  revision: z.string(),
  /** Examples of an installed program cannot be written; they are saved under another name. */
  readOnly: z.boolean(),
});

/** What a launch would start. */
export type FleetPreview = z.infer<typeof fleetPreview>;
/** A fleet file the program knows of. */
export type KnownFleet = z.infer<typeof knownFleet>;
/** A fleet file with its text. */
export type FleetText = z.infer<typeof fleetText>;

/** What is to be launched. */
export type LaunchRequest = z.infer<typeof launchRequest>;
/** Fleet files. */
export const fleets = defineDomain('fleets', {
  launch: command({
    input: launchRequest,
    output: z.object({
      runId,
      fleet: z.string(),
      agents: z.number().int().min(0),
      /** Where the run writes its results, when its fleet wants a file of them. */
      resultsPath: z.string().optional(),
    }),
    errors: [
      'FLEET_INVALID',
      'FLEET_NOT_FOUND',
      'INPUT_INVALID',
      'PROVIDER_UNKNOWN',
      'PROVIDER_KEY_MISSING',
      'KEYCHAIN_UNAVAILABLE',
      'PROVIDER_UNREACHABLE',
      'PROVIDER_CERTIFICATE_REFUSED',
      'PROVIDER_AUTH_REFUSED',
      'PROVIDER_REFUSED',
      'TOOL_UNKNOWN',
      'KNOWLEDGE_UNFIT',
      'TASK_TIMED_OUT',
      'WORKER_LOST',
      'WORKER_OUT_OF_MEMORY',
      'PROGRAM_NOT_FOUND',
      'RUN_NOT_FOUND',
      'RUN_NOT_RESUMABLE',
      'LANE_SATURATED',
      'LANE_CLOSED',
      'FILE_NOT_FOUND',
      'PATTERN_INVALID',
      'DATA_DIR_READ_ONLY',
      'DISK_FULL',
      'HISTORY_LOCKED',
      'HISTORY_DAMAGED',
      'PORT_IN_USE',
    ],
    deadlineMs: 60_000,
  }),
  validate: query({
    input: z.strictObject(source),
    /** Either there are problems, or the preview is there. */
    output: z.object({ problems: z.array(fleetProblem), preview: fleetPreview.optional() }),
    errors: ['FLEET_NOT_FOUND', 'INPUT_INVALID', 'LANE_CLOSED'],
    deadlineMs: 30_000,
  }),
  /** Examples, files that were added, and files of recorded runs; those run last first. */
  known: query({
    input: z.strictObject({}),
    output: z.object({ fleets: z.array(knownFleet) }),
    errors: ['HISTORY_LOCKED', 'HISTORY_DAMAGED'],
    deadlineMs: 10_000,
  }),
  read: query({
    input: z.strictObject({ path }),
    output: fleetText,
    errors: ['FLEET_NOT_FOUND', 'INPUT_INVALID'],
    deadlineMs: 5_000,
  }),
  /** What a recorded run was launched with; `exists` says whether a file is at its path now, with that text or another. */
  ofRun: query({
    input: z.strictObject({ runId }),
    output: z.object({ path: z.string(), text: z.string(), exists: z.boolean() }),
    errors: ['RUN_NOT_FOUND', 'HISTORY_LOCKED', 'HISTORY_DAMAGED'],
    deadlineMs: 10_000,
  }),
  /** Saves a fleet file and adds it to the known ones. Without `revision` the file must be new. */
  write: command({
    input: z.strictObject({ path, text: z.string().max(MAX_FLEET_CHARS), revision: z.string().max(200).optional() }),
    output: fleetText,
    errors: ['FILE_CHANGED', 'FILE_NOT_WRITABLE', 'INPUT_INVALID', 'DISK_FULL'],
    deadlineMs: 10_000,
  }),
  /** Adds a file that was opened to the known ones, at most 500: the one added first is forgotten then. */
  add: command({
    input: z.strictObject({ path }),
    output: z.object({ added: z.boolean() }),
    errors: ['FLEET_NOT_FOUND', 'INPUT_INVALID', 'DATA_DIR_READ_ONLY', 'DISK_FULL'],
    deadlineMs: 5_000,
  }),
  /** Takes an added file off the list; the file stays. */
  forget: command({
    input: z.strictObject({ path }),
    output: z.object({ forgotten: z.boolean() }),
    errors: ['DATA_DIR_READ_ONLY', 'DISK_FULL'],
    deadlineMs: 5_000,
  }),
  /** One folder of this machine, for choosing a fleet file: its folders and its YAML files. */
  browse: query({
    input: z.strictObject({ folder: path }),
    output: z.object({
      folder: z.string(),
      parent: z.string().optional(),
      folders: z.array(z.string()),
      files: z.array(z.string()),
      /** More were there than are listed. */
      isCut: z.boolean(),
    }),
    errors: ['FILE_NOT_FOUND', 'INPUT_INVALID'],
    deadlineMs: 5_000,
  }),
});
