import type { KnownFleet } from '../../../shared/contract/fleets.ts';
import { toCount } from '../../ui/format.ts';

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

/** The example the welcome offers. */
export function findExample(fleets: readonly KnownFleet[]): KnownFleet | undefined {
  const examples = fleets.filter(({ origin, exists }) => origin === 'example' && exists);
  return examples.find(({ path }) => /(?:^|[\\/])repo-survey\.ya?ml$/.test(path)) ?? examples[0];
}

/** `72 agents`, `1 agent, 1 failed`. */
export function toAgentWords({ agents, failed }: { readonly agents: number; readonly failed: number }): string {
  const all = `${toCount(agents)} ${agents === 1 ? 'agent' : 'agents'}`;
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
