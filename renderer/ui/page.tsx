import type { ReactNode } from 'react';
import styles from './page.module.css';

interface PageProps {
  readonly title: ReactNode;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
  /** The page does not scroll itself; a part of it does. */
  readonly isFixed?: boolean;
  readonly children?: ReactNode;
}

/** One page of the window: a heading, what can be done, and its parts. */
export function Page({ title, subtitle, actions, isFixed, children }: PageProps) {
  return (
    <div className={styles['page']} data-fixed={isFixed}>
      <header className={styles['head']}>
        <div className={styles['titles']}>
          <h1>{title}</h1>
          {subtitle === undefined ? null : <div className={styles['subtitle']}>{subtitle}</div>}
        </div>
        {actions === undefined ? null : <div className={styles['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
