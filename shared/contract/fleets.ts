import { z } from 'zod';
import type { FleetProblem } from '../fleet/fleet-problem.ts';
import { command, defineDomain, query } from './define.ts';
import { runId } from './run-schemas.ts';

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
      'PROVIDER_UNREACHABLE',
      'PROVIDER_CERTIFICATE_REFUSED',
      'PROVIDER_AUTH_REFUSED',
      'PROVIDER_REFUSED',
      'TOOL_UNKNOWN',
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
    output: z.object({ problems: z.array(fleetProblem) }),
    errors: ['FLEET_NOT_FOUND', 'INPUT_INVALID'],
    deadlineMs: 30_000,
  }),
});
