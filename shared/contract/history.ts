import { z } from 'zod';
import { AGENT_STATES, RUN_STATES } from '../model/states.ts';
import { defineDomain, query } from './define.ts';
import { runId } from './run-schemas.ts';

const count = z.number().int().min(0);
const cursor = z.string().max(200);
const limit = z.number().int().min(1).max(200);

const recordedRun = z.object({
  runId,
  fleet: z.string(),
  fleetPath: z.string(),
  state: z.enum(RUN_STATES),
  reason: z.string().optional(),
  startedAtMs: z.number(),
  endedAtMs: z.number().optional(),
  workedMs: z.number().min(0),
  workingSinceMs: z.number().optional(),
  agents: count,
  agentsDone: count,
  failed: count,
  atLimit: count,
  cutShort: count,
  turns: count,
  retries: count,
  toolCalls: count,
  toolCallsFailed: count,
  inputTokens: count,
  outputTokens: count,
  costUsd: z.number(),
  unpricedTurns: count,
});

const searchHit = z.object({
  runId,
  fleet: z.string(),
  agent: count,
  /** The agent's name where it is known. */
  name: z.string(),
  what: z.enum(['prompt', 'answer', 'turn', 'toolCall']),
  turn: count.optional(),
  call: count.optional(),
  tool: z.string().optional(),
  atMs: z.number(),
  /** The surroundings of the first match. */
  text: z.string(),
  /** Where the words stand in `text`: start and end, in UTF-16 units. */
  marks: z.array(z.tuple([count, count])),
});

const foundAgent = z.object({
  runId,
  fleet: z.string(),
  agent: count,
  name: z.string(),
  state: z.enum(AGENT_STATES),
  /** When it got its state. */
  changedAtMs: z.number(),
});

/** A run as lists show it. */
export type RecordedRun = z.infer<typeof recordedRun>;
/** A row that holds the words searched for. */
export type FoundText = z.infer<typeof searchHit>;
/** An agent whose name holds what was looked for. */
export type FoundAgent = z.infer<typeof foundAgent>;

const unreadable = ['HISTORY_LOCKED', 'HISTORY_DAMAGED', 'HISTORY_NEWER'] as const;

/** Everything recorded, page by page. */
export const history = defineDomain('history', {
  /** Newest first. */
  runs: query({
    input: z.strictObject({
      limit,
      after: cursor.optional(),
      states: z.array(z.enum(RUN_STATES)).max(8).optional(),
      /** Runs of this fleet. */
      fleet: z.string().max(200).optional(),
    }),
    output: z.object({ runs: z.array(recordedRun), next: cursor.optional() }),
    errors: unreadable,
    deadlineMs: 10_000,
  }),
  /** Prompts, answers and tool calls that hold every word, newest first. */
  search: query({
    input: z.strictObject({ text: z.string().max(500), limit, after: cursor.optional(), runId: runId.optional() }),
    output: z.object({
      hits: z.array(searchHit),
      next: cursor.optional(),
      /** Rows the word index has still to take in, at most. */
      wordLag: count,
    }),
    errors: unreadable,
    deadlineMs: 20_000,
  }),
  /**
   * Agents whose names hold every piece of `text`, in any case; those of live runs within 100 ms. Of all runs the newest first, of
   * one run in the order of the fleet file.
   */
  agents: query({
    input: z.strictObject({ text: z.string().max(500), limit, after: cursor.optional(), runId: runId.optional() }),
    /** May be fewer than were asked for with more to come: a page looks at a bounded number of names. */
    output: z.object({ agents: z.array(foundAgent), next: cursor.optional() }),
    errors: unreadable,
    deadlineMs: 10_000,
  }),
  /** What history takes on the disk, at once: the database and the log beside it; of it what is free, and the log. */
  size: query({
    input: z.strictObject({}),
    output: z.object({ path: z.string(), bytes: count, freeBytes: count, walBytes: count }),
    errors: unreadable,
    deadlineMs: 10_000,
  }),
  /** Bytes by table, largest first. Reads the whole database, 10 s and more for gigabytes; nothing else waits for it. */
  sizeByTable: query({
    input: z.strictObject({}),
    output: z.object({ tables: z.array(z.object({ table: z.string(), bytes: count })) }),
    errors: unreadable,
    deadlineMs: 600_000,
  }),
});
