/** The router decodes an address once, sparing reserved signs, and the route what is left: a `%` of the text survives both. */
function toPart(text: string): string {
  return encodeURIComponent(text.replaceAll('%', '%25'));
}

/** Addresses of the window's pages, for links. */
export const pathTo = {
  fleets: '/fleets',
  newFleet: '/fleets/new',
  fleet: (path: string) => `/fleets/edit/${toPart(path)}`,
  runs: '/runs',
  run: (runId: string) => `/runs/${runId}`,
  agent: (runId: string, agent: number) => `/runs/${runId}/agents/${agent}`,
  search: (text: string) => (text === '' ? '/search' : `/search/${toPart(text)}`),
  settings: '/settings',
} as const;
