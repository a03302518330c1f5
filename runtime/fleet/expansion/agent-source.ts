import { MAX_AGENTS } from '../../../shared/fleet/fleet-schema.ts';
import type { FleetSource } from '../file/fleet-source.ts';
import type { ProblemList } from '../file/problem-list.ts';
import { EACH_SOURCES } from '../file/meaning.ts';
import { isRecord } from '../file/schema-words.ts';
import type { Path } from '../file/yaml-places.ts';
import { loadFileItems } from './file-items.ts';
import type { Items, ItemsContext, ItemsResult } from './items.ts';
import { loadLineItems } from './line-items.ts';
import { createRangeItems } from './range-items.ts';
import { loadRowItems } from './row-items.ts';

/** Where the sources of a fleet stand. */
export type Surroundings = Pick<ItemsContext, 'workspace' | 'folder' | 'shownFolder'>;

/**
 * The items of one entry of `agents`: from its `each`, or `count` empty ones.
 *
 * `undefined` when there are none because of a mistake; what is wrong with the source is then in `problems`, while values
 * of a wrong type are left to the schema's check.
 */
export async function loadItems(
  agent: Record<string, unknown>,
  path: Path,
  around: { readonly source: FleetSource; readonly problems: ProblemList; readonly surroundings: Surroundings },
): Promise<Items | undefined> {
  const { each, count = 1 } = agent;
  if (each === undefined) {
    if (!isWhole(count) || count < 1 || count > MAX_AGENTS) return undefined;
    return { columns: [], rows: Array.from({ length: count }, () => []) };
  }
  if (!isRecord(each)) return undefined;
  const given = EACH_SOURCES.filter((name) => each[name] !== undefined);
  const [name] = given;
  if (name === undefined || given.length > 1) return undefined;
  const isLimited = isWhole(each['limit']) && each['limit'] >= 1 && each['limit'] <= MAX_AGENTS;
  const limit = isLimited ? (each['limit'] as number) : MAX_AGENTS;
  const result = await loadFrom(name, each[name], { ...around.surroundings, limit, isLimitHard: !isLimited });
  for (const problem of result?.problems ?? []) {
    const { at, message, hint } = problem;
    if (at) around.problems.addProblem({ ...at, message, ...(hint === undefined ? {} : { hint }) });
    else around.problems.add(around.source.placeOf([...path, 'each', name]), message, hint);
  }
  return result?.items;
}

async function loadFrom(
  name: (typeof EACH_SOURCES)[number],
  value: unknown,
  context: ItemsContext,
): Promise<ItemsResult | undefined> {
  if (name === 'range') {
    if (!isRecord(value)) return undefined;
    const { from, to, step = 1 } = value;
    return isWhole(from) && isWhole(to) && isWhole(step) && step > 0
      ? createRangeItems({ from, to, step }, context)
      : undefined;
  }
  if (typeof value !== 'string' || value === '') return undefined;
  if (value.includes('\0')) return { problems: [{ message: 'a path cannot contain a zero character' }] };
  if (name === 'files') return loadFileItems(value, context);
  return name === 'lines' ? loadLineItems(value, context) : loadRowItems(value, context);
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
