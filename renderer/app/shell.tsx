import { Link, useLocation } from 'wouter';
import { Routes } from './routes.tsx';
import styles from './shell.module.css';

const PLACES = [
  { path: '/fleets', label: 'Fleets' },
  { path: '/runs', label: 'Runs' },
] as const;

/** The frame around every page: where one is, how the machine does, how to get elsewhere. */
export function Shell() {
  const [location] = useLocation();
  const current = (path: string): 'page' | undefined => (location.startsWith(path) ? 'page' : undefined);
  return (
    <div className={styles['shell']}>
      <div className={styles['top']}>
        <div className={styles['brand']}>
          <i aria-hidden="true" />
          Flotilla
        </div>
      </div>
      <nav className={styles['nav']} aria-label="Pages">
        {PLACES.map(({ path, label }) => (
          <Link key={path} href={path} aria-current={current(path)}>
            {label}
          </Link>
        ))}
        <hr />
        <Link href="/settings" aria-current={current('/settings')}>
          Settings
        </Link>
      </nav>
      <main className={styles['main']}>
        <Routes />
      </main>
      <footer className={styles['foot']} />
    </div>
  );
}
