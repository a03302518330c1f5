/** Addresses of the window's pages, for links. */
export const pathTo = {
  fleets: '/fleets',
  newFleet: '/fleets/new',
  fleet: (path: string) => `/fleets/edit/${encodeURIComponent(path)}`,
  runs: '/runs',
  run: (runId: string) => `/runs/${runId}`,
  agent: (runId: string, agent: number) => `/runs/${runId}/agents/${agent}`,
  search: (text: string) => (text === '' ? '/search' : `/search/${encodeURIComponent(text)}`),
  settings: '/settings',
} as const;
