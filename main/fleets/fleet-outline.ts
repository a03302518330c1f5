import type { AgentPlan, FleetPlan } from '../../shared/fleet/fleet-schema.ts';

/** Agents of one entry of `agents`, which differ only in their prompts. */
export interface OutlineGroup {
  readonly name: string;
  readonly kind: AgentPlan['kind'];
  readonly agents: number;
  /** Of a model agent. */
  readonly provider?: string;
  readonly model?: string;
  readonly maxOutputTokens?: number;
  readonly systemChars: number;
  /** Of all its prompts together. */
  readonly promptChars: number;
  /** Of a command agent: its program. */
  readonly program?: string;
  readonly tools: readonly string[];
}

/** A plan without its agents one by one: as small as the file's own list, so that it crosses a thread at little cost. */
export interface FleetOutline extends Omit<FleetPlan, 'agents' | 'text' | 'overrides'> {
  readonly groups: readonly OutlineGroup[];
}

type GatheredGroup = Omit<OutlineGroup, 'promptChars'> & { promptChars: number };

/** Gathers the agents of a plan by the entry of the file they come from. */
export function toOutline(plan: FleetPlan): FleetOutline {
  const { agents, text: _text, overrides: _overrides, ...rest } = plan;
  const groups: GatheredGroup[] = [];
  for (let at = 0; at < agents.length;) {
    const count = countGroup(agents, at);
    const first = agents[at]!;
    const group = toGroup(first, count === 1 ? first.name : first.name.replace(/-\d+$/, ''), count);
    for (const { prompt } of agents.slice(at, at + count)) group.promptChars += prompt.length;
    groups.push(group);
    at += count;
  }
  return { ...rest, groups };
}

/**
 * How many agents from `at` on come from one entry. An entry with several numbers its agents from 1, in as many digits as the
 * last needs (`surveyor-001`, `surveyor-002`, …), and they stand one after the other.
 */
function countGroup(agents: readonly AgentPlan[], at: number): number {
  const [, base, digits] = /^(.*)-(0*1)$/s.exec(agents[at]!.name) ?? [];
  if (base === undefined || digits === undefined) return 1;
  let count = 1;
  while (agents[at + count]?.name === `${base}-${String(count + 1).padStart(digits.length, '0')}`) count++;
  return count;
}

function toGroup(agent: AgentPlan, name: string, agents: number): GatheredGroup {
  const common = { name, kind: agent.kind, agents, promptChars: 0 };
  if (agent.kind === 'command') return { ...common, systemChars: 0, tools: [], program: agent.command[0] ?? '' };
  const { provider, model, tools, system, maxOutputTokens } = agent;
  const ceiling = maxOutputTokens === undefined ? {} : { maxOutputTokens };
  return { ...common, systemChars: system.length, tools, provider, model, ...ceiling };
}
