import type { KnownFleet } from '../../../shared/contract/fleets.ts';
import { toCount, toCounted } from '../../ui/format.ts';

/** Fleets whose name, description or path has every word that is looked for. */
export function findFleets(fleets: readonly KnownFleet[], wanted: string): KnownFleet[] {
  const words = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return fleets.filter(({ name, description, path }) => {
    const text = `${name} ${description} ${path}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Whether nothing was ever launched here: the page then welcomes. */
export function isFirstRun(fleets: readonly KnownFleet[]): boolean {
  return fleets.every(({ lastRun }) => lastRun === undefined);
}

/** What the agents of an example do. The second is for where there is no repository. Both need neither a key nor a network. */
const EXAMPLES: readonly (readonly [name: string, work: string])[] = [
  ['repo-survey', 'survey this repository'],
  ['sample-survey', 'survey a small workspace that comes along'],
];

/** The example the welcome offers. */
export function findExample(fleets: readonly KnownFleet[]): KnownFleet | undefined {
  const shipped = fleets.filter(({ origin, exists }) => origin === 'example' && exists);
  const found = EXAMPLES.map(([name]) => shipped.find((fleet) => fleet.name === name));
  return found.find((fleet) => fleet !== undefined);
}

/** `72 agents survey this repository. No key, no network.`; `agents` is not known until the file was read. */
export function toExampleWords(name: string, agents: number | undefined): string {
  const work = EXAMPLES.find(([example]) => example === name)?.[1] ?? 'run';
  const who = agents === undefined ? 'Agents' : toAgentWords({ agents, failed: 0 });
  return `${who} ${work}. No key, no network.`;
}

/** `72 agents`, `1 agent, 1 failed`. */
export function toAgentWords({ agents, failed }: { readonly agents: number; readonly failed: number }): string {
  const all = toCounted(agents, 'agent');
  return failed === 0 ? all : `${all}, ${toCount(failed)} failed`;
}

const MINUTE_MS = 60_000;

/** `just now`, `12 min ago`, `3 h ago`, `2 d ago`. */
export function toAgo(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / MINUTE_MS);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}
