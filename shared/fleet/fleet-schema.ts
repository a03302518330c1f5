import { z } from 'zod';
import {
  agent,
  budget,
  cache,
  knowledge,
  limits,
  longText,
  nameText,
  providerDefinition,
  shortText,
} from './fleet-sections.ts';

export { BUILT_IN_PROVIDERS, BUILT_IN_TOOLS, MAX_AGENTS, MAX_TEXT_LENGTH } from './fleet-sections.ts';
export type { AgentPlan, CommandAgentPlan, FleetPlan, ModelAgentPlan } from './fleet-plan.ts';

/** The version of the fleet file format this program reads. */
const FLEET_VERSION = 1;

/**
 * The fleet file: what its author writes, in version 1. Strict: an unknown key is a mistake.
 *
 * `docs/fleet.schema.json` and `docs/fleet-files.md` are made from it. What one key cannot say alone (`count` beside
 * `each`, an unknown provider) is checked by `runtime/fleet`.
 */
export const fleetFile = z
  .strictObject({
    flotilla: z.literal(FLEET_VERSION).describe('Version of the file format: 1.'),
    name: nameText.describe('Name of the fleet.'),
    description: longText.optional().describe('What it is for, in a sentence.'),
    workspace: shortText
      .default('.')
      .describe('Folder the file tools are confined to and programs start in, relative to the fleet file.'),
    provider: nameText
      .optional()
      .describe(
        'Provider of all model agents: `sim`, `openai`, `anthropic`, `ollama`, `lmstudio`, `vllm`, `llamacpp`, or one of `providers`.',
      ),
    model: shortText.optional().describe('Model of all model agents; `sim/…` is the simulator and needs no provider.'),
    providers: z.record(nameText, providerDefinition).default({}).describe('Providers of your own, by name.'),
    tools: z.array(shortText).max(256).default([]).describe('Tools offered to model agents.'),
    allow: z
      .array(z.enum(['write_file', 'shell', 'http-loopback', 'http-private']))
      .max(16)
      .default([])
      .describe('What is denied unless named here.'),
    agents: z.array(agent).min(1).max(10_000).describe('The members of the fleet.'),
    limits: limits.prefault({}),
    budget: budget.optional(),
    cache: cache.prefault({}),
    knowledge: knowledge.optional(),
    output: z
      .strictObject({
        results: shortText.describe('File for one JSON line per agent, relative to the fleet file.'),
      })
      .optional()
      .describe('What the run leaves behind beside its history.'),
  })
  .describe('A fleet of agents for Flotilla.');

/** A fleet file, checked, with its defaults filled in. */
export type FleetFile = z.infer<typeof fleetFile>;
/** A provider as a fleet file or the program itself defines it. */
export type ProviderDefinition = z.infer<typeof providerDefinition>;
/** The limits of a run, from the fleet file's `limits`. */
export type FleetLimits = z.infer<typeof limits>;
/** What a run may be answered from memory with, from the fleet file's `cache`. */
export type FleetCache = z.infer<typeof cache>;
/** What a run may spend before it pauses and asks. */
export type FleetBudget = z.infer<typeof budget>;
