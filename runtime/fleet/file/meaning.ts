import { BUILT_IN_PROVIDERS, BUILT_IN_TOOLS } from '../../../shared/fleet/fleet-schema.ts';
import type { FleetSource } from './fleet-source.ts';
import { findNearestWord } from '../../../shared/errors/nearest-word.ts';
import type { ProblemList } from './problem-list.ts';
import { getAt, isMisspelt } from './schema-problems.ts';
import { isRecord, toList } from './schema-words.ts';
import type { Path } from './yaml-places.ts';

/** Names a fleet may use without defining them. */
export interface KnownNames {
  /** Tools; those that come with the program when absent. */
  readonly tools?: readonly string[];
  /** Providers; those that come with the program when absent. */
  readonly providers?: readonly string[];
}

interface Check {
  readonly source: FleetSource;
  readonly problems: ProblemList;
  readonly tools: readonly string[];
  readonly providers: readonly string[];
}

/** Checks what one key cannot say alone. Works on whatever is there: values of a wrong type are passed over. */
export function checkMeaning(source: FleetSource, problems: ProblemList, names: KnownNames): void {
  const own = getAt(source.value, ['providers']);
  const check: Check = {
    source,
    problems,
    tools: names.tools ?? BUILT_IN_TOOLS,
    providers: [...(isRecord(own) ? Object.keys(own) : []), ...(names.providers ?? BUILT_IN_PROVIDERS)],
  };
  checkTools(['tools'], check);
  checkProviderName(['provider'], check);
  const agents = getAt(source.value, ['agents']);
  if (!Array.isArray(agents)) return;
  checkNames(agents, check);
  checkKeptAnswers(agents, check);
  checkKnowledge(agents, check);
  for (const [index, agent] of agents.entries()) {
    if (!isRecord(agent)) continue;
    checkEach(agent, ['agents', index], check);
    if (agent['kind'] !== undefined && agent['kind'] !== 'model') continue;
    checkTools(['agents', index, 'tools'], check);
    checkProviderName(['agents', index, 'provider'], check);
    checkModel(agent, ['agents', index], check);
  }
}

function checkTools(path: Path, { source, problems, tools }: Check): void {
  const names = getAt(source.value, path);
  if (!Array.isArray(names)) return;
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string' || name === '') continue;
    const place = source.placeOf([...path, index]);
    if (!tools.includes(name)) {
      const near = findNearestWord(name, tools);
      problems.add(
        place,
        `unknown tool \`${name}\``,
        near ? `did you mean \`${near}\`?` : `known are ${toList(tools, 'and')}`,
      );
    } else if (names.indexOf(name) < index)
      problems.add(place, `the tool \`${name}\` stands twice in this list`, 'keep one of them');
  }
}

function checkProviderName(path: Path, { source, problems, providers }: Check): void {
  const name = getAt(source.value, path);
  if (typeof name !== 'string' || name === '' || providers.includes(name)) return;
  const near = findNearestWord(name, providers);
  const hint = near
    ? `did you mean \`${near}\`?`
    : `known are ${toList(providers, 'and')}; define others under \`providers\``;
  problems.add(source.placeOf(path), `unknown provider \`${name}\``, hint);
}

function checkModel(agent: Record<string, unknown>, path: Path, { source, problems }: Check): void {
  const model = agent['model'] ?? getAt(source.value, ['model']);
  const provider = agent['provider'] ?? getAt(source.value, ['provider']);
  const place = source.placeOf(path);
  if (source.isBroken(place)) return;
  const isMeant = (key: string) => isMisspelt(key, [], source) || isMisspelt(key, path, source);
  if (model === undefined && !isMeant('model')) {
    problems.add(
      place,
      `no model for ${toSaid(agent)}`,
      'add `model` to the fleet or to the agent, for example `model: sim/default`',
    );
  } else if (provider === undefined && !isMeant('provider') && typeof model === 'string' && !model.startsWith('sim/')) {
    problems.add(
      place,
      `no provider for ${toSaid(agent)}`,
      'add `provider` to the fleet or to the agent, for example `provider: openai`',
    );
  }
}

function toSaid(agent: Record<string, unknown>): string {
  return typeof agent['name'] === 'string' && agent['name'] !== '' ? `the agent \`${agent['name']}\`` : 'this agent';
}

function checkNames(agents: readonly unknown[], { source, problems }: Check): void {
  const seen = new Set<string>();
  for (const [index, agent] of agents.entries()) {
    const name = isRecord(agent) ? agent['name'] : undefined;
    if (typeof name !== 'string' || name === '') continue;
    if (seen.has(name)) {
      problems.add(
        source.placeOf(['agents', index, 'name']),
        `a second agent is called \`${name}\``,
        'give each entry of `agents` a name of its own',
      );
    }
    seen.add(name);
  }
}

/** Documents that nobody may search, and a search without documents, are both a mistake. */
function checkKnowledge(agents: readonly unknown[], { source, problems }: Check): void {
  const lists = [['tools'], ...agents.map((_, index) => ['agents', index, 'tools'])] as Path[];
  const named = lists.find((path) => {
    const tools = getAt(source.value, path);
    return Array.isArray(tools) && tools.includes(KNOWLEDGE_TOOL);
  });
  const hasKnowledge = getAt(source.value, ['knowledge']) !== undefined;
  if (hasKnowledge && named === undefined)
    problems.add(
      source.placeOfKey(['knowledge']),
      'no agent may search the `knowledge`',
      `add \`${KNOWLEDGE_TOOL}\` to \`tools\``,
    );
  if (!hasKnowledge && named !== undefined && !isMisspelt('knowledge', [], source))
    problems.add(
      source.placeOf(named),
      `\`${KNOWLEDGE_TOOL}\` has nothing to search`,
      'add `knowledge: { files: docs/**/*.md }` with files of yours',
    );
}

/** The tool that finds passages of the documents. */
const KNOWLEDGE_TOOL = 'search_knowledge';

/** Only what a model says at temperature 0 can be given again as if it had been asked. */
function checkKeptAnswers(agents: readonly unknown[], { source, problems }: Check): void {
  if (getAt(source.value, ['cache', 'modelAnswers']) !== true) return;
  if (agents.some((agent) => !isRecord(agent) || agent['temperature'] === 0)) return;
  problems.add(
    source.placeOfKey(['cache', 'modelAnswers']),
    '`modelAnswers` needs an agent at temperature 0',
    'add `temperature: 0` to the agents whose answers may be given again, or leave out `modelAnswers`',
  );
}

/** The sources `each` may draw on. */
export const EACH_SOURCES = ['files', 'lines', 'rows', 'range'] as const;

function checkEach(agent: Record<string, unknown>, path: Path, { source, problems }: Check): void {
  const each = agent['each'];
  if (each !== undefined && agent['count'] !== undefined) {
    const place = source.placeOfKey([...path, 'count']);
    problems.add(
      place,
      '`count` and `each` cannot stand together',
      'leave out `count`; to have fewer agents, write `limit` in `each`',
    );
  }
  if (!isRecord(each)) return;
  const given = EACH_SOURCES.filter((name) => each[name] !== undefined);
  const at = [...path, 'each'];
  if (given.length === 0) {
    problems.add(source.placeOfKey(at), '`each` needs a source', `write one of ${toList(EACH_SOURCES)}`);
  }
  for (const name of given.slice(1)) {
    problems.add(
      source.placeOfKey([...at, name]),
      `\`${name}\` is a second source beside \`${given[0]}\``,
      '`each` has exactly one source',
    );
  }
}
