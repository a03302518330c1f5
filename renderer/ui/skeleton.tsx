import { NOT_LOADED } from './notice.tsx';
import styles from './skeleton.module.css';
import { useIsAway } from './use-away.ts';

const WIDTHS = ['92%', '78%', '85%', '64%', '90%', '71%'] as const;

/** Holds the place of lines that are on their way; `what` is read out once. While the host is away it says that they are not. */
export function Skeleton({ what, lines = 3 }: { readonly what: string; readonly lines?: number }) {
  if (useIsAway()) {
    return (
      <p className={styles['away']} role="status">
        {NOT_LOADED}
      </p>
    );
  }
  return (
    <div className={styles['skeleton']} role="status">
      <span className="visually-hidden">Loading {what} …</span>
      {Array.from({ length: lines }, (_, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a line is its place
        <span key={index} className={styles['line']} style={{ width: WIDTHS[index % WIDTHS.length] }} />
      ))}
    </div>
  );
}
