import { type ReactNode, useId } from 'react';
import styles from './panel.module.css';

interface PanelProps {
  readonly title?: ReactNode;
  /** Stands right of the title. */
  readonly aside?: ReactNode;
  /** Without padding, for a table that fills it. */
  readonly isFlush?: boolean;
  readonly label?: string;
  readonly className?: string;
  readonly children?: ReactNode;
}

/** A bordered part of a page, named by its title or its label. */
export function Panel({ title, aside, isFlush, label, className, children }: PanelProps) {
  const id = useId();
  return (
    <section
      className={`${styles['panel']} ${className ?? ''}`}
      data-flush={isFlush}
      aria-label={label}
      aria-labelledby={title === undefined || label !== undefined ? undefined : id}
    >
      {title === undefined ? null : (
        <div className={styles['head']}>
          <h2 id={id}>{title}</h2>
          {aside === undefined ? null : <div className={styles['aside']}>{aside}</div>}
        </div>
      )}
      {children}
    </section>
  );
}
