import styles from './charts.module.css';

/** One part of a whole. */
export interface Share {
  readonly name: string;
  /** 0..1; what is missing to 1 stays empty. */
  readonly ratio: number;
  readonly tone: 'accent' | 'ok' | 'warn' | 'bad' | 'idle';
}

/** Parts of a whole side by side; `label` says in words what is seen. */
export function ShareBar({ shares, label }: { readonly shares: readonly Share[]; readonly label: string }) {
  return (
    <div className={styles['bar']} role="img" aria-label={label}>
      {shares.map(({ name, ratio, tone }) =>
        ratio > 0 ? <i key={name} data-tone={tone} style={{ width: `${ratio * 100}%` }} /> : null,
      )}
    </div>
  );
}
