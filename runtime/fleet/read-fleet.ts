import { realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { FleetProblem } from '../../shared/fleet/fleet-problem.ts';
import type { FleetFile, FleetPlan, ProviderDefinition } from '../../shared/fleet/fleet-schema.ts';
import { createAgentPlans } from './expansion/agent-plans.ts';
import { loadItems, type Surroundings } from './expansion/agent-source.ts';
import type { Items } from './expansion/items.ts';
import { checkPlaceholders } from './expansion/placeholder-check.ts';
import { loadFleetText } from './file/file-bytes.ts';
import type { FleetSource } from './file/fleet-source.ts';
import { checkMeaning, type KnownNames } from './file/meaning.ts';
import { applyOverrides, type Overrides } from './file/overrides.ts';
import { createProblemList, type ProblemList } from './file/problem-list.ts';
import { checkSchema, getAt } from './file/schema-problems.ts';
import { isRecord } from './file/schema-words.ts';
import { toPosition } from './file/source-text.ts';
import { parseYamlTree, type YamlTree } from './file/yaml-tree.ts';

export { parseOverrides } from './file/overrides.ts';
export type { KnownNames } from './file/meaning.ts';

/** What is read. */
export interface FleetSourceOptions {
  /** Relative to the working directory, or absolute. The file's own relative paths start at its folder. */
  readonly path: string;
  /** The file's text when it is known already, so that `path` is not read. */
  readonly text?: string;
  /** Values that stand above those of the file: `{ 'limits.turns': '5' }`. A text is read as `--set` reads it. */
  readonly overrides?: Overrides;
  readonly known?: KnownNames;
}

/**
 * Reads a fleet file and expands its agents: ready to launch, or every mistake at once.
 *
 * At most 4 MiB of YAML, 100,000 agents and 500 problems; what is larger is a problem itself.
 *
 * @throws {AppError} FLEET_NOT_FOUND; FLEET_INVALID with `details.problems`, a list of `FleetProblem`.
 */
export async function readFleet(options: FleetSourceOptions): Promise<FleetPlan> {
  const { problems, plan } = await checkFleetFile(options);
  if (plan !== undefined) return plan;
  throw toInvalid(options.path, problems);
}

/** The mistakes of a fleet's text, without reading the file at `path`; none when it can be launched. */
export async function checkFleet(
  text: string,
  path: string,
  options: Omit<FleetSourceOptions, 'path' | 'text'> = {},
): Promise<{ readonly problems: readonly FleetProblem[] }> {
  const { problems } = await checkFleetFile({ ...options, path, text });
  return { problems };
}

/**
 * Both at once: the mistakes, and the plan when there are none.
 *
 * @throws {AppError} FLEET_NOT_FOUND
 */
export async function checkFleetFile(
  options: FleetSourceOptions,
): Promise<{ readonly problems: readonly FleetProblem[]; readonly plan?: FleetPlan }> {
  const problems = createProblemList();
  const text = options.text?.replace(/^\uFEFF/, '') ?? (await loadFleetText(options.path, options.path, problems));
  if (text === undefined) return { problems: problems.toSorted() };
  const plan = await createPlan(text, options, problems);
  return plan === undefined || problems.held.length > 0 ? { problems: problems.toSorted() } : { problems: [], plan };
}

function toInvalid(path: string, problems: readonly FleetProblem[]): AppError {
  const [first] = problems;
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  const where = first ? `; the first is in line ${first.line}: ${first.message}` : '';
  // The file may be right: what was set over it is named by its own words.
  const isFromCommandLine = problems.length > 0 && problems.every(({ file }) => file.startsWith('--set'));
  const sentence = isFromCommandLine
    ? `What ${first?.file} says does not fit: ${first?.message}.`
    : `The fleet file ${path} has ${count}${where}.`;
  return new AppError('FLEET_INVALID', sentence, { details: { problems } });
}

async function createPlan(
  text: string,
  options: FleetSourceOptions,
  problems: ProblemList,
): Promise<FleetPlan | undefined> {
  const tree = parseYamlTree(text, options.path, problems);
  if (tree === undefined) return undefined;
  const found = createProblemList();
  const plan = await createPlanOf(tree, options, found);
  const isTrusted = createTrust(tree, [...problems.held]);
  problems.addFrom(found, isTrusted);
  return plan;
}

/** Whether a problem is one of its own: not a consequence of broken syntax before or at it. */
function createTrust(tree: YamlTree, syntaxProblems: readonly FleetProblem[]): (problem: FleetProblem) => boolean {
  // A broken line takes the one before it along: what it was to belong to.
  const brokenLine = tree.brokenFrom === undefined ? Infinity : toPosition(tree.source, tree.brokenFrom).line - 1;
  const known = new Set(syntaxProblems.map(({ line, column }) => `${line}:${column}`));
  return ({ file, line, column }) =>
    file !== tree.source.name || (line < brokenLine && !known.has(`${line}:${column}`));
}

async function createPlanOf(
  tree: YamlTree,
  options: FleetSourceOptions,
  problems: ProblemList,
): Promise<FleetPlan | undefined> {
  const source = applyOverrides(tree, options.overrides ?? {}, problems);
  const file = checkSchema(source, problems);
  if (!isRecord(source.value)) return undefined;
  checkMeaning(source, problems, options.known ?? {});
  const path = resolve(options.path);
  const folder = dirname(path);
  const workspace = await findWorkspace(source, folder, problems);
  const surroundings = { workspace, folder, shownFolder: dirname(options.path) };
  const items = await loadAllItems(source, problems, surroundings);
  const providers = await findProviders(source, file, folder, problems);
  if (file === undefined || workspace === undefined || problems.held.length > 0) return undefined;
  const agents = createAgentPlans(file, items as Items[], { source, problems });
  const used = new Set(agents.map((agent) => (agent.kind === 'model' ? agent.provider : '')));
  return {
    name: file.name,
    description: file.description ?? '',
    path,
    text: tree.source.text,
    overrides: options.overrides ?? {},
    workspace,
    providers: Object.fromEntries(Object.entries(providers).filter(([name]) => used.has(name))),
    allow: file.allow,
    agents,
    limits: file.limits,
    budget: file.budget ?? {},
    cache: file.cache,
    ...(file.knowledge ? { knowledge: file.knowledge } : {}),
    ...(file.output ? { resultsPath: resolve(folder, file.output.results) } : {}),
  };
}

async function findWorkspace(source: FleetSource, folder: string, problems: ProblemList): Promise<string | undefined> {
  const name = getAt(source.value, ['workspace']) ?? '.';
  if (typeof name !== 'string' || name === '') return undefined;
  const place = source.placeOf(['workspace']);
  const shown = resolve(folder, name);
  try {
    const path = await realpath(shown);
    if ((await stat(path)).isDirectory()) return path;
    problems.add(place, `the workspace ${shown} is not a folder`, 'name a folder, relative to the fleet file');
  } catch {
    problems.add(
      place,
      `the workspace ${shown} does not exist`,
      'name a folder that exists, relative to the fleet file',
    );
  }
  return undefined;
}

async function loadAllItems(source: FleetSource, problems: ProblemList, surroundings: Surroundings) {
  const agents = getAt(source.value, ['agents']);
  const all: (Items | undefined)[] = [];
  for (const [index, agent] of Array.isArray(agents) ? agents.entries() : []) {
    const path = ['agents', index];
    const items = isRecord(agent) ? await loadItems(agent, path, { source, problems, surroundings }) : undefined;
    if (isRecord(agent)) checkPlaceholders(agent, path, items, { source, problems });
    all.push(items);
  }
  return all;
}

/** The file's own providers, with their files found. */
async function findProviders(
  source: FleetSource,
  file: FleetFile | undefined,
  folder: string,
  problems: ProblemList,
): Promise<Record<string, ProviderDefinition>> {
  const providers: Record<string, ProviderDefinition> = {};
  for (const [name, definition] of Object.entries(file?.providers ?? {})) {
    const caFile = definition.caFile && resolve(folder, definition.caFile);
    if (caFile !== undefined && !(await isFile(caFile))) {
      const message = `the file ${caFile} does not exist`;
      problems.add(
        source.placeOf(['providers', name, 'caFile']),
        message,
        'name a PEM file, relative to the fleet file',
      );
    }
    providers[name] = caFile === undefined ? definition : { ...definition, caFile };
  }
  return providers;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
