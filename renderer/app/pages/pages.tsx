import type { ReactNode } from 'react';
import { FleetsView } from '../../views/fleets/fleets-view.tsx';
import { fromAddress } from '../from-address.ts';
import { findPlace, type PageName, type Place } from './find-place.ts';
import { PageShelf } from './page-shelf.ts';

/** Shows a page for what stands in its address. */
export type ShowPage = (parts: Place['parts']) => ReactNode;

/**
 * The code of each page is fetched by itself: the first page stands without the editor of fleet files and the Markdown of logs.
 * What a page is shown with is the same component at the same place for all of its addresses, so that it keeps its state.
 */
export const pageShelf = new PageShelf<PageName, ShowPage>({
  // Where the window opens: it comes with the frame, in one go.
  fleets: async () => () => <FleetsView />,
  editor: async () => {
    const { FleetEditorView } = await import('../../views/fleets/fleet-editor-view.tsx');
    return ({ path, run }) => <FleetEditorView path={path === undefined ? undefined : fromAddress(path)} runId={run} />;
  },
  runs: async () => {
    const { RunsView } = await import('../../views/runs/runs-view.tsx');
    return () => <RunsView />;
  },
  run: async () => {
    const { RunView } = await import('../../views/runs/run-view.tsx');
    return ({ runId = '', agent, entry }) => (
      <RunView runId={runId} agent={agent === undefined ? undefined : Number(agent)} entry={entry} />
    );
  },
  search: async () => {
    const { SearchView } = await import('../../views/search/search-view.tsx');
    return ({ text }) => <SearchView text={text === undefined ? undefined : fromAddress(text)} />;
  },
  settings: async () => {
    const { SettingsView } = await import('../../views/settings/settings-view.tsx');
    return ({ section }) => <SettingsView section={section} />;
  },
});

/** The order in which pages are fetched ahead: the likelier way first. */
export const PRELOADED: readonly PageName[] = ['run', 'runs', 'editor', 'search', 'settings'];

/** Fetches the page of an address that may be gone to; a look at a link is enough. */
export function preloadPage(address: string): void {
  void pageShelf.preload(findPlace(address)?.page ?? 'fleets');
}
