import type { Theme } from '../../app/theme/theme.ts';
import { useTheme } from '../../app/theme/use-theme.ts';
import { SegmentedControl } from '../../ui/fields/segmented-control.tsx';
import { Panel } from '../../ui/panel.tsx';
import styles from './settings-view.module.css';

const THEMES: readonly { readonly value: Theme; readonly label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
];

/** How the window looks. */
export function AppearanceSection() {
  const { theme, choose } = useTheme();
  return (
    <Panel title="Theme">
      <p className={styles['words']}>Kept in the data directory, so every window of this program has it.</p>
      <SegmentedControl label="Theme" value={theme} options={THEMES} onChange={choose} />
    </Panel>
  );
}
