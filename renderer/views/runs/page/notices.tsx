import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import { toClockTime, toCount } from '../../../ui/format.ts';
import styles from './run-page.module.css';

/** What a person should see of the run that is no state: the newest in one line, all of them when it is opened. */
export function Notices({ notices }: Pick<RunView, 'notices'>) {
  return (
    <details className={styles['notices']}>
      <summary>
        {toCount(notices.length)} {notices.length === 1 ? 'notice' : 'notices'}: {notices[0]?.text}
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
