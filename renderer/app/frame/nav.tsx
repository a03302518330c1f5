import { Link, useLocation } from 'wouter';
import { preloadPage } from '../pages/pages.tsx';
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
  const to = (href: string) => {
    const isHere = location === href || location.startsWith(`${href}/`);
    const preload = (): void => preloadPage(href);
    return { href, 'aria-current': isHere ? 'page' : undefined, onPointerEnter: preload, onFocus: preload } as const;
  };
  return (
    <div className={styles['side']}>
      <nav className={styles['nav']} aria-label="Pages">
        <Link {...to(pathTo.fleets)}>Fleets {fleets === undefined ? null : <span>{fleets}</span>}</Link>
        <Link {...to(pathTo.runs)}>
          Runs {liveRuns === undefined || liveRuns === 0 ? null : <span>{liveRuns} live</span>}
        </Link>
        <Link {...to(pathTo.search(''))}>Search</Link>
        <hr />
        <Link {...to(pathTo.settings)}>Settings</Link>
      </nav>
      <ToastArea />
    </div>
  );
}
