import type { ComponentProps } from 'react';
import styles from './table.module.css';

interface TableProps extends ComponentProps<'table'> {
  /** What the rows are, read out. */
  readonly label: string;
}

/**
 * A table in the style of the house: the head stays in sight, wide ones scroll sideways inside. Cells with figures take
 * `data-align="right"`, a chosen row `aria-selected`; cells that may be cut take `data-cut="true"`.
 */
export function Table({ label, ...rest }: TableProps) {
  return (
    <div className={styles['scroll']}>
      <table aria-label={label} {...rest} className={styles['table']} />
    </div>
  );
}
