import { app } from './app.ts';
import type { Command, Domain, Entry, Query, Stream } from './define.ts';
import { fleets } from './fleets.ts';
import { history } from './history.ts';
import { providers } from './providers.ts';
import { runs } from './runs.ts';
import { settings } from './settings.ts';

/** Everything one side may ask of the other, by domain. */
export const contract = { app, fleets, history, providers, runs, settings } as const;

/** A set of domains, as `contract` is one. */
export type Contract = Readonly<Record<string, { readonly name: string; readonly entries: Domain }>>;

/** What an entry takes. */
export type InputOf<E extends Entry> =
  E extends Query<infer Input>
    ? Input
    : E extends Command<infer Input>
      ? Input
      : E extends Stream<infer Input>
        ? Input
        : never;

/** What a query or command answers, or the items of a stream. */
export type OutputOf<E extends Entry> =
  E extends Query<unknown, infer Output>
    ? Output
    : E extends Command<unknown, infer Output>
      ? Output
      : E extends Stream<unknown, infer Item>
        ? Item
        : never;

/** The entries of a contract by their name on the wire, `<domain>.<entry>`; a `Map`, so that no inherited name is one. */
export function entriesByName(of: Contract): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const domain of Object.values(of)) {
    for (const [name, entry] of Object.entries(domain.entries)) entries.set(`${domain.name}.${name}`, entry);
  }
  return entries;
}
