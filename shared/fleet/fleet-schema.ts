import { z } from 'zod';

/** The version of the fleet file format this program reads. */
export const FLEET_VERSION = 1;

/** Agents, sessions and lanes are made for at most this many members in one fleet. */
export const MAX_AGENTS = 100_000;

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dots, dashes and underscores, at most 64');
const text = z.string().max(1_000_000);
const positive = (max: number) => z.number().int().min(1).max(max);

const each = z
  .strictObject({
    files: z
      .string()
      .min(1)
      .optional()
      .describe('One agent per file that matches this glob, relative to the workspace; `{{file}}`.'),
    lines: z
      .string()
      .min(1)
      .optional()
      .describe('One agent per line of this text file, relative to the fleet file; `{{line}}`.'),
    rows: z
      .string()
      .min(1)
      .optional()
      .describe('One agent per row of this CSV or JSONL file, relative to the fleet file; `{{column}}`.'),
    range: z
      .strictObject({ from: z.number().int(), to: z.number().int(), step: z.number().int().min(1).default(1) })
      .optional()
      .describe('One agent per number from `from` to `to` inclusive; `{{number}}`.'),
    limit: positive(MAX_AGENTS).optional().describe('At most this many agents, the first ones.'),
  })
  .describe('One agent per item of exactly one source: files, lines, rows or range.');

const limits = z
  .strictObject({
    concurrentAgents: positive(10_000).default(16).describe('Agents of this run that work at the same time.'),
    turns: positive(10_000).default(50).describe('Turns of one agent.'),
    toolCalls: positive(1_000_000).default(1_000).describe('Tool calls of one agent.'),
    minutes: z.number().positive().max(10_080).default(60).describe('Minutes one agent may take, waiting included.'),
    requestsPerMinute: positive(1_000_000).optional().describe('Requests a minute this run may send to each provider.'),
    tokensPerMinute: positive(1_000_000_000).optional().describe('Tokens a minute this run may use at each provider.'),
    concurrentRequests: positive(10_000)
      .optional()
      .describe('Requests of this run open at the same time at each provider.'),
  })
  .describe('Limits of this run; the settings of the program bound them all together.');

const budget = z
  .strictObject({
    usd: z.number().positive().optional().describe('US dollars the run may spend; then it pauses and asks.'),
    tokens: positive(1_000_000_000_000)
      .optional()
      .describe('Tokens, in and out, the run may use; then it pauses and asks.'),
  })
  .describe('What the run may use up before it pauses and asks.');

const providerDefinition = z.strictObject({
  protocol: z
    .enum(['openai', 'anthropic'])
    .describe('The wire format: OpenAI-compatible chat completions, or Anthropic messages.'),
  baseUrl: z.url({ protocol: /^https?$/ }).describe('Address up to and without `/chat/completions` or `/messages`.'),
  keyFrom: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .optional()
    .describe('Environment variable that holds the key; absent when none is needed.'),
  http: z
    .enum(['auto', '1.1', '2'])
    .default('auto')
    .describe('`auto` prefers HTTP/2 over TLS; local servers mostly want 1.1.'),
  caFile: z
    .string()
    .optional()
    .describe('PEM file with additional certificate authorities, relative to the fleet file.'),
  contextTokens: positive(100_000_000)
    .optional()
    .describe("The model's context window; older tool results are compacted to stay inside."),
  price: z
    .strictObject({ inputPerMillion: z.number().min(0), outputPerMillion: z.number().min(0) })
    .optional()
    .describe('US dollars per million tokens, where the built-in table does not know the model.'),
});

const agentCommon = {
  name: name.describe('Name of the agent; with several of them a number is added.'),
  count: positive(MAX_AGENTS)
    .optional()
    .describe('How many agents of this kind; 1 unless told. Not together with `each`.'),
  each: each.optional(),
  prompt: text
    .min(1)
    .describe('What the agent is asked; `{{placeholders}}` come from `each`, and `{{index}}` counts from 1.'),
};

const modelAgent = z.strictObject({
  kind: z.literal('model').default('model'),
  ...agentCommon,
  system: text.optional().describe('Instructions that stand before the conversation.'),
  provider: name.optional().describe("Instead of the fleet's provider."),
  model: z.string().min(1).optional().describe("Instead of the fleet's model."),
  tools: z.array(z.string().min(1)).optional().describe("Instead of the fleet's tools."),
  temperature: z.number().min(0).max(2).optional(),
  maxOutputTokens: positive(10_000_000).optional().describe('Ceiling of one answer, in tokens.'),
});

const commandAgent = z.strictObject({
  kind: z.literal('command'),
  ...agentCommon,
  command: z
    .array(z.string())
    .min(1)
    .describe(
      'Program and arguments; `{{prompt}}` and other placeholders are filled in, `{{promptFile}}` is a file with the prompt.',
    ),
  promptBy: z
    .enum(['argument', 'file', 'stdin'])
    .default('argument')
    .describe('How the prompt reaches the program: as last argument, in a file, or on standard input.'),
  environment: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .default([])
    .describe('Variables handed on from the environment of Flotilla; all others are withheld.'),
  minutes: z.number().positive().max(10_080).optional().describe('Minutes the program may run.'),
});

/**
 * The fleet file: what its author writes, in version 1. Strict: an unknown key is a mistake.
 *
 * `docs/fleet.schema.json` and `docs/fleet-files.md` are made from it.
 */
export const fleetFile = z.strictObject({
  flotilla: z.literal(FLEET_VERSION).describe('Version of the file format: 1.'),
  name: name.describe('Name of the fleet.'),
  description: text.optional().describe('What it is for, in a sentence.'),
  workspace: z
    .string()
    .min(1)
    .default('.')
    .describe('Folder the file tools are confined to, relative to the fleet file.'),
  provider: name
    .optional()
    .describe(
      'Provider of all model agents: `sim`, `openai`, `anthropic`, `ollama`, `lmstudio`, `vllm`, `llamacpp`, or one of `providers`.',
    ),
  model: z.string().min(1).optional().describe('Model of all model agents; `sim/…` needs no provider.'),
  providers: z.record(name, providerDefinition).default({}).describe('Providers of your own, by name.'),
  tools: z.array(z.string().min(1)).default([]).describe('Tools offered to model agents.'),
  allow: z
    .array(z.enum(['write_file', 'shell', 'http-loopback', 'http-private']))
    .default([])
    .describe('What is denied unless named here.'),
  agents: z
    .array(z.discriminatedUnion('kind', [modelAgent, commandAgent]))
    .min(1)
    .describe('The members of the fleet.'),
  limits: limits.prefault({}),
  budget: budget.optional(),
  output: z
    .strictObject({
      results: z.string().min(1).describe('File for one JSON line per agent, relative to the fleet file.'),
    })
    .optional(),
});

export type FleetFile = z.infer<typeof fleetFile>;
export type ProviderDefinition = z.infer<typeof providerDefinition>;
export type FleetLimits = z.infer<typeof limits>;
export type FleetBudget = z.infer<typeof budget>;

/** One agent, expanded: every placeholder filled in, every default resolved. */
export type AgentPlan = ModelAgentPlan | CommandAgentPlan;

interface AgentPlanBase {
  /** Position in the run, from 0. */
  readonly index: number;
  /** Unique in the run: `surveyor`, or `surveyor-017` when there are several. */
  readonly name: string;
  readonly prompt: string;
}

export interface ModelAgentPlan extends AgentPlanBase {
  readonly kind: 'model';
  readonly system: string;
  /** Key of `FleetPlan.providers`. */
  readonly provider: string;
  readonly model: string;
  readonly tools: readonly string[];
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
}

export interface CommandAgentPlan extends AgentPlanBase {
  readonly kind: 'command';
  /** Program and arguments, placeholders filled in, `{{promptFile}}` left for the launch. */
  readonly command: readonly string[];
  readonly promptBy: 'argument' | 'file' | 'stdin';
  readonly environment: readonly string[];
  readonly minutes?: number;
}

/** A fleet ready to launch. */
export interface FleetPlan {
  readonly name: string;
  readonly description: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** The file as read. */
  readonly text: string;
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Absolute, links resolved. */
  readonly workspace: string;
  /** Those the agents use, built-in ones included. */
  readonly providers: Readonly<Record<string, ProviderDefinition>>;
  readonly allow: FleetFile['allow'];
  readonly agents: readonly AgentPlan[];
  readonly limits: FleetLimits;
  readonly budget: FleetBudget;
  /** Absolute path of the results file, when one is wanted. */
  readonly resultsPath?: string;
}
