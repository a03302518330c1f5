import { dirname, resolve } from 'node:path';
import { Lexer, parse } from 'yaml';
import { z } from 'zod';
import { findTooDeep } from '../../../../shared/fleet/yaml-nesting.ts';
import type { Connection } from '../../store/database.ts';
import { runSource } from '../run-queries.ts';

/** A fleet file beyond this is not read again only to show what it names; parsing it would hold up other questions. */
const MAX_TEXT_LENGTH = 256 * 2 ** 10;

/** Models and programs that are named. */
const MAX_USES = 8;

/** What the page of a run shows of its fleet. */
export interface RunOutline {
  /** `model (provider)` of model agents, programs of command agents; at most a few. */
  readonly uses: readonly string[];
  readonly budget: { readonly usd?: number; readonly tokens?: number };
  /** The most turns of an agent, where the file says it. */
  readonly turnsPerAgent?: number;
  /** Absolute path. */
  readonly resultsPath?: string;
  /** What the members of the fleet are made with, model or program, by their name in the file. */
  readonly madeWith: ReadonlyMap<string, string>;
}

/** The part of a fleet file that an outline is made of; everything else, and what has another form, is passed over. */
const text = z.string().optional().catch(undefined);
const number = z.coerce.number().positive().optional().catch(undefined);
const outlined = z.object({
  provider: text,
  model: text,
  budget: z.object({ usd: number, tokens: number }).optional().catch(undefined),
  limits: z.object({ turns: number }).optional().catch(undefined),
  output: z.object({ results: text }).optional().catch(undefined),
  agents: z
    .array(
      z.object({
        name: text,
        kind: text,
        provider: text,
        model: text,
        command: z.array(z.string()).optional().catch(undefined),
      }),
    )
    .catch([]),
});

/**
 * What a recorded fleet file says of models, budget and results, with what was set over it. Never refuses a file: what
 * cannot be read is absent.
 *
 * @throws {AppError} RUN_NOT_FOUND
 */
export function runOutline(connection: Connection | undefined, runId: string): RunOutline {
  const { fleetText, fleetPath, overrides } = runSource(connection, runId);
  return outlineOf({ fleetText, fleetPath, overrides });
}

/** The outline of a fleet's text. */
export function outlineOf(source: {
  readonly fleetText: string;
  readonly fleetPath: string;
  readonly overrides: Readonly<Record<string, unknown>>;
}): RunOutline {
  const file = outlined.safeParse(withOverrides(read(source.fleetText), source.overrides));
  if (!file.success) return { uses: [], budget: {}, madeWith: new Map() };
  const { budget, limits, output, agents } = file.data;
  const uses = new Set<string>();
  const madeWith = new Map<string, string>();
  for (const agent of agents) {
    const used = toUse(agent, file.data);
    if (used !== undefined && uses.size < MAX_USES) uses.add(used);
    const made = agent.kind === 'command' ? agent.command?.[0] : (agent.model ?? file.data.model);
    if (agent.name !== undefined && made !== undefined) madeWith.set(agent.name, made);
  }
  const results = output?.results;
  return {
    uses: [...uses],
    budget: { ...(budget?.usd && { usd: budget.usd }), ...(budget?.tokens && { tokens: budget.tokens }) },
    ...(limits?.turns !== undefined && { turnsPerAgent: limits.turns }),
    ...(results !== undefined && { resultsPath: resolve(dirname(source.fleetPath), results) }),
    madeWith,
  };
}

/** The model or program of an agent by its name in the run, which is that of its member, or has a number behind it. */
export function findMadeWith({ madeWith }: RunOutline, name: string): string | undefined {
  return madeWith.get(name) ?? madeWith.get(name.replace(/-\d+$/, ''));
}

type Outlined = z.infer<typeof outlined>;

function toUse(agent: Outlined['agents'][number], fleet: Outlined): string | undefined {
  if (agent.kind === 'command') return agent.command?.[0];
  const model = agent.model ?? fleet.model;
  if (model === undefined) return undefined;
  const provider = agent.provider ?? fleet.provider ?? (model.startsWith('sim/') ? 'sim' : undefined);
  return provider === undefined ? model : `${model} (${provider})`;
}

function read(fleetText: string): unknown {
  if (fleetText.length > MAX_TEXT_LENGTH || findTooDeep(new Lexer().lex(fleetText)) !== undefined) return undefined;
  try {
    return parse(fleetText, { logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

/** The few values that an outline shows, as they were set over the file: `budget.usd` stands for one inside `budget`. */
function withOverrides(file: unknown, overrides: Readonly<Record<string, unknown>>): unknown {
  if (typeof file !== 'object' || file === null) return file;
  const changed: Record<string, unknown> = { ...file };
  for (const [path, value] of Object.entries(overrides)) {
    const [key = '', inner, ...deeper] = path.split('.');
    if (deeper.length > 0 || !['provider', 'model', 'budget', 'limits', 'output'].includes(key)) continue;
    const around = changed[key];
    changed[key] =
      inner === undefined ? value : { ...(typeof around === 'object' ? around : undefined), [inner]: value };
  }
  return changed;
}
