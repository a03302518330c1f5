import { useLocation } from 'wouter';
import { pathTo } from '../../app/path-to.ts';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { DataSection } from './data-section.tsx';
import { LimitsSection } from './limits/limits-section.tsx';
import { ProvidersSection } from './providers/providers-section.tsx';

const SECTIONS = ['limits', 'providers', 'data', 'appearance'] as const;
type Section = (typeof SECTIONS)[number];

/** The page "Settings": limits, providers with their keys, where data lies, how the window looks. */
export function SettingsView({ section }: { readonly section?: string }) {
  const [, navigate] = useLocation();
  const shown = SECTIONS.find((each) => each === section) ?? 'limits';
  return (
    <Page title="Settings" subtitle="Limits apply to running fleets; nothing in flight is lost">
      <Tabs<Section>
        label="Settings"
        value={shown}
        onChange={(next) =>
          navigate(next === 'limits' ? pathTo.settings : `${pathTo.settings}/${next}`, { replace: true })
        }
        tabs={[
          { value: 'limits', label: 'Limits', content: <LimitsSection /> },
          { value: 'providers', label: 'Providers', content: <ProvidersSection /> },
          { value: 'data', label: 'Data', content: <DataSection /> },
          { value: 'appearance', label: 'Appearance', content: <AppearanceSection /> },
        ]}
      />
    </Page>
  );
}
