import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { valueOf } from '../rpc/loaded.ts';
import { Kbd } from '../ui/kbd.tsx';
import { ConfirmHost } from '../ui/overlays/confirm-host.tsx';
import { toastStore } from '../ui/toasts/toast-store.ts';
import { ConnectionBanner } from './frame/connection-banner.tsx';
import { Foot } from './frame/foot.tsx';
import { MachineStrip } from './frame/machine-strip.tsx';
import { Nav } from './frame/nav.tsx';
import { KeysDialog } from './keys/keys-dialog.tsx';
import { useHotkeys } from './keys/use-hotkeys.ts';
import { PageBoundary } from './page-boundary.tsx';
import { nameOfPage } from './pages/find-place.ts';
import { usePreloading, useShownPage } from './pages/use-shown-page.ts';
import { Palette } from './palette/palette.tsx';
import { Routes } from './routes.tsx';
import styles from './shell.module.css';
import { useShownTheme } from './theme/use-theme.ts';
import { useAbout } from './use-about.ts';
import { useKnownFleets } from './use-known-fleets.ts';
import { usePulse } from './use-pulse.ts';
import { useProgramActions } from './use-program-actions.ts';

/** The frame around every page: where one is, how the machine does, how to get elsewhere. */
export function Shell() {
  const page = useShownPage();
  usePreloading();
  const [opened, setOpened] = useState<'palette' | 'keys'>();
  const hadFocus = useRef(false);
  const pulse = usePulse();
  // Of a host that is away nobody knows what lives.
  const liveRuns = pulse.kind === 'ready' ? pulse.value.liveRuns : undefined;
  useShownTheme();
  useHotkeys();
  useProgramActions({ openPalette: () => setOpened('palette'), openKeys: () => setOpened('keys') }, liveRuns ?? 0);
  const main = useRef<HTMLElement>(null);
  useEffect(() => toastStore.getState().enter(nameOfPage(page.address)), [page.address]);
  useEffect(() => {
    // What was activated to come here is gone with its page: the next key must not begin at the top of the window.
    if (hadFocus.current && document.activeElement === document.body) main.current?.focus({ preventScroll: true });
    // A new page is what takes the focus away.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [page.address, page.kind]);
  return (
    <div className={styles['shell']} onFocus={() => (hadFocus.current = true)}>
      <a href="#page" className={styles['skip']} onClick={(event) => skipTo(event, main.current)}>
        Skip to the page
      </a>
      <header className={styles['top']}>
        <div className={styles['brand']}>
          <i aria-hidden="true" />
          Flotilla
        </div>
        <button type="button" className={styles['search']} aria-haspopup="dialog" onClick={() => setOpened('palette')}>
          <Search aria-hidden="true" />
          <span>Search runs, agents, tool output…</span>
          <Kbd keys="mod+k" />
        </button>
        <MachineStrip pulse={pulse} />
      </header>
      <ConnectionBanner />
      <Nav fleets={valueOf(useKnownFleets())?.length} liveRuns={liveRuns} />
      <main ref={main} id="page" className={styles['main']} tabIndex={-1} aria-label="Page">
        <PageBoundary place={page.address}>
          <Routes page={page} />
        </PageBoundary>
      </main>
      <Foot pulse={pulse} about={useAbout()} />
      <Palette isOpen={opened === 'palette'} onOpenChange={(open) => setOpened(open ? 'palette' : undefined)} />
      <KeysDialog isOpen={opened === 'keys'} onOpenChange={(open) => setOpened(open ? 'keys' : undefined)} />
      <ConfirmHost />
    </div>
  );
}

function skipTo(event: { preventDefault: () => void }, main: HTMLElement | null): void {
  // The address belongs to the router; only the focus moves.
  event.preventDefault();
  main?.focus();
}
