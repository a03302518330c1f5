import { Page } from '../../ui/page.tsx';

/** The page "Fleets". */
export function FleetsView() {
  return <Page title="Fleets" />;
}
