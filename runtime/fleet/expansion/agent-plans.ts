import { MAX_AGENTS, MAX_TEXT_LENGTH, type AgentPlan, type FleetFile } from '../../../shared/fleet/fleet-schema.ts';
import type { FleetSource } from '../file/fleet-source.ts';
import type { ProblemList } from '../file/problem-list.ts';
import { fillTemplate, parseTemplate, type Template } from '../file/template.ts';
import type { Items } from './items.ts';
import { isCommandPlaceholder } from './placeholder-check.ts';

/** Characters of all prompts and arguments of a fleet together: half a gigabyte at most when none of them is Latin-1. */
const MAX_FILLED_LENGTH = 256 * 1024 * 1024;

type AgentEntry = FleetFile['agents'][number];

interface Around {
  readonly source: FleetSource;
  readonly problems: ProblemList;
}

/** One plan per item of each entry, in the order of the file; mistakes that only filling in can show go to `problems`. */
export function createAgentPlans(file: FleetFile, items: readonly Items[], around: Around): AgentPlan[] {
  const total = items.reduce((sum, one) => sum + one.rows.length, 0);
  if (total > MAX_AGENTS) {
    const message = `the fleet has ${total} agents; at most ${MAX_AGENTS} are possible`;
    around.problems.add(around.source.placeOfKey(['agents']), message, 'use smaller counts, or `limit` in `each`');
    return [];
  }
  const plans: AgentPlan[] = [];
  const names = new Set<string>();
  let length = 0;
  for (const [entry, agent] of file.agents.entries()) {
    const create = createFiller(agent, items[entry]!, file);
    const { rows } = items[entry]!;
    for (let row = 0; row < rows.length; row += 1) {
      const plan = create(row, plans.length);
      length += plan.prompt.length + (plan.kind === 'command' ? plan.command.join('').length : 0);
      const mistake = findMistake(plan, names, length);
      if (mistake !== undefined) {
        around.problems.add(around.source.placeOf(['agents', entry, mistake.key]), mistake.message, mistake.hint);
        break;
      }
      names.add(plan.name);
      plans.push(plan);
    }
  }
  return plans;
}

function findMistake(plan: AgentPlan, names: ReadonlySet<string>, length: number) {
  if (names.has(plan.name)) {
    const message = `an agent of this entry would be called \`${plan.name}\`, as one before it is`;
    return { key: 'name', message, hint: 'choose a name that is not another one with a number' };
  }
  if (plan.prompt.length > MAX_TEXT_LENGTH) {
    const message = `the prompt of \`${plan.name}\` is ${plan.prompt.length} characters long when it is filled in`;
    return { key: 'prompt', message, hint: `at most ${MAX_TEXT_LENGTH} are possible; name a file to read instead` };
  }
  if (plan.prompt === '') {
    return {
      key: 'prompt',
      message: `the prompt of \`${plan.name}\` is empty when it is filled in`,
      hint: 'add some text of its own to it',
    };
  }
  if (length > MAX_FILLED_LENGTH) {
    const message = `the prompts of all agents together are longer than ${MAX_FILLED_LENGTH} characters`;
    return { key: 'prompt', message, hint: 'shorten the prompt, or name a file to read instead' };
  }
  return undefined;
}

/** What makes the plan of one row, with its position in the run. */
function createFiller(agent: AgentEntry, items: Items, file: FleetFile): (row: number, index: number) => AgentPlan {
  const columnOf = new Map(items.columns.map((name, at) => [name, at]));
  const width = String(items.rows.length).length;
  const prompt = parseTemplate(agent.prompt);
  const command = agent.kind === 'command' ? agent.command.map(parseTemplate) : [];
  return (row, index) => {
    const find = (name: string) => {
      const column = columnOf.get(name);
      if (column !== undefined) return items.rows[row]![column];
      return name === 'index' ? String(row + 1) : undefined;
    };
    const number = String(row + 1).padStart(width, '0');
    const name = items.rows.length === 1 ? agent.name : `${agent.name}-${number}`;
    const { weight } = agent;
    const base = { index, name, prompt: fillTemplate(prompt, find), ...(weight === undefined ? {} : { weight }) };
    return agent.kind === 'command' ? toCommandPlan(agent, base, command, find) : toModelPlan(agent, base, file);
  };
}

type Base = Pick<AgentPlan, 'index' | 'name' | 'prompt' | 'weight'>;

function toCommandPlan(
  agent: Extract<AgentEntry, { kind: 'command' }>,
  base: Base,
  command: readonly Template[],
  find: (name: string) => string | undefined,
): AgentPlan {
  // Where the prompt goes is settled when the program starts.
  const findInCommand = (name: string) => find(name) ?? (isCommandPlaceholder(name) ? `{{${name}}}` : undefined);
  const { promptBy, environment, minutes } = agent;
  return {
    ...base,
    kind: 'command',
    command: command.map((template) => fillTemplate(template, findInCommand)),
    promptBy,
    environment,
    ...(minutes === undefined ? {} : { minutes }),
  };
}

function toModelPlan(agent: Extract<AgentEntry, { kind: 'model' }>, base: Base, file: FleetFile): AgentPlan {
  const model = agent.model ?? file.model ?? '';
  const { temperature, maxOutputTokens } = agent;
  return {
    ...base,
    kind: 'model',
    system: agent.system ?? '',
    provider: toProviderName(model, agent.provider ?? file.provider, file),
    model,
    tools: agent.tools ?? file.tools,
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

/** A model `sim/…` is the simulator's, unless a provider of the file's own is to answer for it. */
function toProviderName(model: string, provider: string | undefined, file: FleetFile): string {
  const isOwn = provider !== undefined && Object.hasOwn(file.providers, provider);
  if (model.startsWith('sim/') && !isOwn) return 'sim';
  return provider ?? 'sim';
}
