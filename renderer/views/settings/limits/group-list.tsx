import { toCount } from '../../../ui/format.ts';
import { ALL, CHANGED, type SettingGroup, type Shown } from './limits-model.ts';
import styles from './limits-section.module.css';

interface GroupListProps {
  /** What the search has found, by group. */
  readonly groups: readonly SettingGroup[];
  readonly changed: number;
  readonly shown: Shown;
  readonly onShow: (shown: Shown) => void;
}

/** The groups with how many limits each holds: one of them, or all, is shown beside. */
export function GroupList({ groups, changed, shown, onShow }: GroupListProps) {
  const all = groups.reduce((sum, { settings }) => sum + settings.length, 0);
  const entries = [
    { name: ALL, title: 'All limits', count: all },
    { name: CHANGED, title: 'Not the default', count: changed },
    ...groups.map(({ name, title, settings }) => ({ name, title, count: settings.length })),
  ];
  return (
    <nav className={styles['groups']} aria-label="Groups of limits">
      {entries.map(({ name, title, count }) => (
        <button key={name} type="button" aria-current={shown === name} onClick={() => onShow(name)}>
          {title} <span>{toCount(count)}</span>
        </button>
      ))}
    </nav>
  );
}
