import styles from './charts.module.css';

/** One part of a whole. */
export interface Share {
  readonly name: string;
  /** 0..1; what is missing to 1 stays empty. */
  readonly ratio: number;
  readonly tone: 'accent' | 'ok' | 'warn' | 'bad' | 'idle';
}

interface ShareBarProps {
  readonly shares: readonly Share[];
  /** Says in words what is seen. */
  readonly label: string;
  /** Where the bar tells how far something is: what it is called, and how many of how many. */
  readonly progress?: { readonly name: string; readonly now: number; readonly max: number };
}

/** Parts of a whole side by side. */
export function ShareBar({ shares, label, progress }: ShareBarProps) {
  const role = progress
    ? {
        role: 'progressbar',
        'aria-label': progress.name,
        'aria-valuemin': 0,
        'aria-valuemax': progress.max,
        'aria-valuenow': progress.now,
        'aria-valuetext': label,
      }
    : { role: 'img', 'aria-label': label };
  return (
    <div className={styles['bar']} {...role}>
      {shares.map(({ name, ratio, tone }) =>
        ratio > 0 ? <i key={name} data-tone={tone} style={{ width: `${ratio * 100}%` }} /> : null,
      )}
    </div>
  );
}
