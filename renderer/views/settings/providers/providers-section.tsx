import { useAbout } from '../../../app/use-about.ts';
import { Chip } from '../../../ui/chip.tsx';
import { LoadedView, Notice } from '../../../ui/notice.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { ProviderRow } from './provider-row.tsx';
import styles from './providers-section.module.css';
import { useProviders } from './use-providers.ts';

/** Providers that come with the program, whether each has its key, and whether each answers. */
export function ProvidersSection() {
  const about = useAbout();
  const keepsKeys = (about.kind === 'ready' || about.kind === 'stale') && about.value.keepsKeys;
  return (
    <Panel
      title="Providers every fleet may name"
      aside={
        keepsKeys ? (
          <Chip tone="ok">keys are kept by the operating system</Chip>
        ) : (
          <Chip>keys come from the environment</Chip>
        )
      }
    >
      <p className={styles['words']}>
        {keepsKeys
          ? 'A key set here is encrypted by the operating system and never shown again. A fleet file may name more providers by their address.'
          : 'In the browser Flotilla takes keys from its environment only: a page could be read by others. The desktop window keeps them with the operating system. A fleet file may name more providers by their address.'}
      </p>
      <LoadedView of={useProviders()} what="providers">
        {(providers) =>
          providers.length === 0 ? (
            <Notice title="No provider comes with this program">A fleet file names its own by address.</Notice>
          ) : (
            providers.map((provider) => <ProviderRow key={provider.name} provider={provider} keepsKeys={keepsKeys} />)
          )
        }
      </LoadedView>
    </Panel>
  );
}
