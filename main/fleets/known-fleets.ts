import { basename } from 'node:path';
import type { KnownFleet } from '../../shared/contract/fleets.ts';
import type { RunRecord } from '../history/history-records.ts';
import type { HistoryReader } from '../history/history.ts';
import type { AddedFleets } from './added-fleets.ts';
import { readFleetHead } from './fleet-head.ts';

/** Files that are looked at on disk at the same time. */
const MAX_OPEN_FILES = 16;

/** What is known of fleet files. */
export interface KnownFleetsParts {
  readonly examples: () => Promise<readonly string[]>;
  readonly added: Pick<AddedFleets, 'load'>;
  readonly history: Pick<HistoryReader, 'fleetRuns'>;
}

type Origin = KnownFleet['origin'];

/**
 * Examples, files that were added and files of recorded runs, each once: those that ran first, the last run at the top, then
 * the others in that order. A file is an example before it is added, and added before it is one of a run.
 *
 * @throws {AppError} what history refuses with.
 */
export async function listKnownFleets({ examples, added, history }: KnownFleetsParts): Promise<KnownFleet[]> {
  const [shipped, opened, ran] = await Promise.all([examples(), added.load(), history.fleetRuns()]);
  const origins = new Map<string, Origin>();
  const claim = (path: string, origin: Origin): void => void (origins.has(path) || origins.set(path, origin));
  for (const path of shipped) claim(path, 'example');
  for (const { path } of opened) claim(path, 'added');
  for (const { fleetPath } of ran) claim(fleetPath, 'run');
  const lastRuns = new Map(ran.map((run) => [run.fleetPath, run]));
  const known = await mapBounded([...origins], ([path, origin]) => describe(path, origin, lastRuns.get(path)));
  // Stable: those that never ran stay in the order in which they were found.
  return known.toSorted((a, b) => (startOf(a) === startOf(b) ? 0 : startOf(b) - startOf(a)));
}

function startOf({ lastRun }: KnownFleet): number {
  return lastRun?.startedAtMs ?? -Infinity;
}

async function describe(path: string, origin: Origin, run: RunRecord | undefined): Promise<KnownFleet> {
  const { exists, changedAtMs, name, description } = await readFleetHead(path);
  return {
    path,
    name: name ?? run?.fleet ?? basename(path),
    description: description ?? '',
    origin,
    exists,
    ...(changedAtMs === undefined ? {} : { changedAtMs }),
    ...(run ? { lastRun: toLastRun(run) } : {}),
  };
}

function toLastRun(run: RunRecord): KnownFleet['lastRun'] {
  const { runId, state, startedAtMs, endedAtMs, agents, failed, costUsd } = run;
  return { runId, state, startedAtMs, ...(endedAtMs === undefined ? {} : { endedAtMs }), agents, failed, costUsd };
}

async function mapBounded<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = Array.from({ length: items.length });
  const next = items.entries();
  const takeTurns = async (): Promise<void> => {
    for (const [index, item] of next) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(MAX_OPEN_FILES, items.length) }, takeTurns));
  return results;
}
