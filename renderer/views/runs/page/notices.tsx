import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import { toClockTime, toCounted } from '../../../ui/format.ts';
import styles from './run-page.module.css';

/** What a person should see of the run that is no state: the newest in one line, all of them when it is opened. */
export function Notices({ notices }: Pick<RunView, 'notices'>) {
  return (
    <details className={styles['notices']}>
      <summary>
        {toCounted(notices.length, 'notice')}: {notices[0]?.text}
      </summary>
      <ul>
        {notices.map(({ atMs, level, text }) => (
          <li key={`${atMs} ${text}`} data-level={level}>
            <time>{toClockTime(atMs)}</time> {text}
          </li>
        ))}
      </ul>
    </details>
  );
}
