import { z } from 'zod';

/** Agents, sessions and lanes are made for at most this many members in one fleet. */
export const MAX_AGENTS = 100_000;

/** Longest prompt, instruction or description, in UTF-16 units; a filled-in prompt too. */
export const MAX_TEXT_LENGTH = 1_000_000;

/** Tools that come with the program, as a fleet file names them. */
export const BUILT_IN_TOOLS = [
  'list_files',
  'read_file',
  'search_files',
  'outline_file',
  'search_knowledge',
  'write_file',
  'shell',
  'http',
] as const;

/** Providers that come with the program, as a fleet file names them. */
export const BUILT_IN_PROVIDERS = ['sim', 'openai', 'anthropic', 'ollama', 'lmstudio', 'vllm', 'llamacpp'] as const;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A name of a fleet, agent or provider. */
export const nameText = z.string().regex(NAME).meta({
  title: 'a name of letters, digits, dots, dashes and underscores (at most 64, the first a letter or digit)',
});
const text = z.string().max(MAX_TEXT_LENGTH);
const filled = z.string().min(1).max(4_096);
const variable = z.string().regex(VARIABLE).max(256).meta({ title: 'the name of an environment variable' });
const wholeUpTo = (max: number) => z.number().int().min(1).max(max);
const weight = wholeUpTo(100);
const minutes = z.number().positive().max(10_080);

/** Longer free text: a description, a prompt, instructions. */
export const longText = text;
/** A path, glob, model or tool name. */
export const shortText = filled;

const range = z.strictObject({
  from: z.number().int().describe('The first number.'),
  to: z.number().int().describe('The last number, included.'),
  step: z.number().int().min(1).default(1).describe('Distance from one number to the next.'),
});

/** One agent per item of a source. */
const each = z
  .strictObject({
    files: filled
      .optional()
      .describe(
        'One agent per file that matches this glob, relative to the workspace; what git ignores is left out. Gives `{{file}}`.',
      ),
    lines: filled
      .optional()
      .describe(
        'One agent per line of this text file, relative to the fleet file; empty lines are left out. Gives `{{line}}`.',
      ),
    rows: filled
      .optional()
      .describe(
        'One agent per row of this CSV (with a header), TSV or JSONL file, relative to the fleet file. Gives `{{column}}` for each column.',
      ),
    range: range.optional().describe('One agent per number from `from` to `to` inclusive. Gives `{{number}}`.'),
    limit: wholeUpTo(MAX_AGENTS).optional().describe('At most this many agents, the first ones.'),
  })
  .meta({
    description: 'One agent per item of exactly one source: `files`, `lines`, `rows` or `range`.',
    oneOf: ['files', 'lines', 'rows', 'range'].map((source) => ({ required: [source] })),
  });

/** The limits of a run. */
export const limits = z
  .strictObject({
    concurrentAgents: wholeUpTo(10_000).default(16).describe('Agents of this run that work at the same time.'),
    turns: wholeUpTo(10_000).default(50).describe('Turns of one agent.'),
    toolCalls: wholeUpTo(1_000_000).default(1_000).describe('Tool calls of one agent.'),
    minutes: minutes.default(60).describe('Minutes one agent may take, waiting included.'),
    requestsPerMinute: wholeUpTo(1_000_000)
      .optional()
      .describe('Requests a minute this run may send to each provider.'),
    tokensPerMinute: wholeUpTo(1_000_000_000).optional().describe('Tokens a minute this run may use at each provider.'),
    concurrentRequests: wholeUpTo(10_000)
      .optional()
      .describe('Requests of this run open at the same time at each provider.'),
    weight: weight
      .default(1)
      .describe('Turns this run gets where runs wait together, for each one of a run with weight 1.'),
  })
  .describe('Limits of this run; the settings of the program bound all runs together.');

/** What a run may use up. */
export const budget = z
  .strictObject({
    usd: z.number().positive().optional().describe('US dollars the run may spend.'),
    tokens: wholeUpTo(1_000_000_000_000).optional().describe('Tokens, in and out, the run may use.'),
  })
  .describe('What the run may use up before it pauses and asks.');

/** Documents that agents may search. */
export const knowledge = z
  .strictObject({
    files: filled.describe('Text files that match this glob, relative to the workspace; what git ignores is left out.'),
  })
  .describe('Documents that are read once, when the run begins, and that `search_knowledge` finds passages in.');

/** What a run may be answered from memory with. */
export const cache = z
  .strictObject({
    toolResults: z
      .boolean()
      .default(true)
      .describe(
        'Whether repeated calls of tools that only read are answered from memory while their files are the same.',
      ),
    modelAnswers: z
      .boolean()
      .default(false)
      .describe('Whether agents with `temperature: 0` that ask the very same again get the same answer, from memory.'),
    share: z
      .boolean()
      .default(false)
      .describe('Whether this fleet shares what it keeps with other fleets that say so too.'),
  })
  .describe('What may be answered from memory; an answer from memory costs nothing and is marked in the history.');

/** A provider of the file's own. */
export const providerDefinition = z
  .strictObject({
    protocol: z
      .enum(['openai', 'anthropic'])
      .describe('The wire format: OpenAI-compatible chat completions, or Anthropic messages.'),
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .max(2_048)
      .meta({ title: 'an address that starts with http:// or https://', pattern: '^https?://' })
      .describe('Address up to and without `/chat/completions` or `/messages`.'),
    keyFrom: variable.optional().describe('Environment variable that holds the key; absent when none is needed.'),
    http: z
      .literal(['auto', '1.1', '2', 1.1, 2])
      .default('auto')
      .transform((version) => String(version) as 'auto' | '1.1' | '2')
      .describe('`auto` prefers HTTP/2 over TLS; local servers mostly want `1.1`.'),
    caFile: filled.optional().describe('PEM file with additional certificate authorities, relative to the fleet file.'),
    contextTokens: wholeUpTo(100_000_000)
      .optional()
      .describe("The model's context window; older tool results are compacted to stay inside."),
    price: z
      .strictObject({
        inputPerMillion: z.number().min(0).describe('US dollars per million input tokens.'),
        outputPerMillion: z.number().min(0).describe('US dollars per million output tokens.'),
      })
      .optional()
      .describe('What tokens cost, where the built-in table does not know the model.'),
  })
  .describe('A provider of your own.');

const agentCommon = {
  name: nameText.describe('Name of the agent; when there are several, a number is added: `surveyor-017`.'),
  count: wholeUpTo(MAX_AGENTS)
    .optional()
    .describe('How many agents of this kind; 1 unless told. Not together with `each`.'),
  each: each.optional(),
  weight: weight
    .optional()
    .describe('Turns the agent gets where agents of its run wait together, for each one of an agent with weight 1.'),
  prompt: text
    .min(1)
    .describe(
      'What the agent is asked; `{{placeholders}}` come from `each`, `{{index}}` counts from 1, and `{{{{` stands for `{{`.',
    ),
};
const notBoth = { not: { required: ['count', 'each'] } };

const modelAgent = z
  .strictObject({
    kind: z.literal('model').default('model').describe('An agent of Flotilla itself: a loop over a model and tools.'),
    ...agentCommon,
    system: text
      .optional()
      .describe('Instructions that stand before the conversation; placeholders are not filled in.'),
    provider: nameText.optional().describe("Instead of the fleet's provider."),
    model: filled.optional().describe("Instead of the fleet's model."),
    tools: z.array(filled).max(256).optional().describe("Instead of the fleet's tools."),
    temperature: z.number().min(0).max(2).optional().describe("Sampling temperature; the provider's own unless told."),
    maxOutputTokens: wholeUpTo(10_000_000).optional().describe('Ceiling of one answer, in tokens.'),
  })
  .meta({ title: 'a model agent', ...notBoth });

const commandAgent = z
  .strictObject({
    kind: z.literal('command').describe('Any program.'),
    ...agentCommon,
    command: z
      .array(text)
      .min(1)
      .max(1_024)
      .describe(
        'Program and arguments; placeholders are filled in, `{{prompt}}` is the prompt and `{{promptFile}}` a file that holds it.',
      ),
    promptBy: z
      .enum(['argument', 'file', 'stdin'])
      .default('argument')
      .describe(
        'How the prompt reaches the program: as last argument, in a file whose path is the last argument (both unless `command` has `{{prompt}}` or `{{promptFile}}`), or on standard input.',
      ),
    environment: z
      .array(variable)
      .max(256)
      .default([])
      .describe('Variables handed on from the environment of Flotilla; all others are withheld.'),
    minutes: minutes.optional().describe('Minutes the program may run.'),
  })
  .meta({ title: 'a command agent', ...notBoth });

/** A member of the fleet. */
export const agent = z.discriminatedUnion('kind', [modelAgent, commandAgent]);
