import { Page } from '../../ui/page.tsx';

/** The page "Search". */
export function SearchView() {
  return <Page title="Search" />;
}
