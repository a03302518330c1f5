import { Page } from '../../ui/page.tsx';

/** The page "Settings". */
export function SettingsView() {
  return <Page title="Settings" />;
}
