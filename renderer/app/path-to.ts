/** The router decodes an address once, sparing reserved signs, and the route what is left: a `%` of the text survives both. */
function toPart(text: string): string {
  return encodeURIComponent(text.replaceAll('%', '%25'));
}

/** Addresses of the window's pages, for links. */
export const pathTo = {
  fleets: '/fleets',
  newFleet: '/fleets/new',
  fleet: (path: string) => `/fleets/edit/${toPart(path)}`,
  /** Its file, or the text it was launched with where there is no file. */
  fleetOfRun: (runId: string) => `/fleets/of/${runId}`,
  runs: '/runs',
  run: (runId: string) => `/runs/${runId}`,
  agent: (runId: string, agent: number) => `/runs/${runId}/agents/${agent}`,
  /** An entry of an agent's log, named as `toEntryName` does. */
  entry: (runId: string, agent: number, entry: string) => `/runs/${runId}/agents/${agent}/${entry}`,
  search: (text: string) => (text === '' ? '/search' : `/search/${toPart(text)}`),
  settings: '/settings',
} as const;
