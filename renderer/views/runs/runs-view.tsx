import { Page } from '../../ui/page.tsx';

/** The page "Runs". */
export function RunsView() {
  return <Page title="Runs" />;
}
