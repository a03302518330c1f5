import { Link, useLocation } from 'wouter';
import { pathTo } from '../path-to.ts';
import { ToastArea } from '../../ui/toasts/toast-area.tsx';
import styles from './nav.module.css';

interface NavProps {
  readonly fleets: number | undefined;
  readonly liveRuns: number | undefined;
}

/** Where one can go, and how many of it there are; below, the place of the toasts. */
export function Nav({ fleets, liveRuns }: NavProps) {
  const [location] = useLocation();
  const current = (path: string): 'page' | undefined =>
    location === path || location.startsWith(`${path}/`) ? 'page' : undefined;
  return (
    <div className={styles['side']}>
      <nav className={styles['nav']} aria-label="Pages">
        <Link href={pathTo.fleets} aria-current={current(pathTo.fleets)}>
          Fleets {fleets === undefined ? null : <span>{fleets}</span>}
        </Link>
        <Link href={pathTo.runs} aria-current={current(pathTo.runs)}>
          Runs {liveRuns === undefined || liveRuns === 0 ? null : <span>{liveRuns} live</span>}
        </Link>
        <Link href={pathTo.search('')} aria-current={current('/search')}>
          Search
        </Link>
        <hr />
        <Link href={pathTo.settings} aria-current={current(pathTo.settings)}>
          Settings
        </Link>
      </nav>
      <ToastArea />
    </div>
  );
}
