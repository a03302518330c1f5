import type { FleetBudget, FleetCache, FleetFile, FleetLimits, ProviderDefinition } from './fleet-schema.ts';

/** One agent, expanded: every placeholder filled in, every default resolved. */
export type AgentPlan = ModelAgentPlan | CommandAgentPlan;

interface AgentPlanBase {
  /** Position in the run, from 0. */
  readonly index: number;
  /** Unique in the run: `surveyor`, or `surveyor-017` when there are several. */
  readonly name: string;
  readonly prompt: string;
  /** Turns it gets for each one of an agent with weight 1, 1 to 100; 1 unless told. */
  readonly weight?: number;
}

/** An agent that is our loop over a provider. */
export interface ModelAgentPlan extends AgentPlanBase {
  readonly kind: 'model';
  readonly system: string;
  /** Key of `FleetPlan.providers`, or the name of a built-in provider. */
  readonly provider: string;
  readonly model: string;
  readonly tools: readonly string[];
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
}

/** An agent that is a program. */
export interface CommandAgentPlan extends AgentPlanBase {
  readonly kind: 'command';
  /** Program and arguments, placeholders filled in, `{{prompt}}` and `{{promptFile}}` left for the launch. */
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
  /** Those of the file's own that its agents use, `caFile` made absolute; built-in ones go by name only. */
  readonly providers: Readonly<Record<string, ProviderDefinition>>;
  readonly allow: FleetFile['allow'];
  readonly agents: readonly AgentPlan[];
  readonly limits: FleetLimits;
  readonly budget: FleetBudget;
  readonly cache: FleetCache;
  /** Documents that its agents may search. */
  readonly knowledge?: { readonly files: string };
  /** Absolute path of the results file, when one is wanted. */
  readonly resultsPath?: string;
}
