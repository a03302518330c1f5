import { useEffect, useLayoutEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { after } from '../../rpc/timers.ts';
import { pathTo } from '../path-to.ts';
import { findPlace, type Place } from './find-place.ts';
import { pageShelf, PRELOADED, type ShowPage } from './pages.tsx';
import { useIsAway } from '../../ui/use-away.ts';

/** What stands in the window's place for pages. `address` is the one it belongs to, which lags while its page is on its way. */
export type ShownPage =
  | { readonly kind: 'none'; readonly address: string }
  | { readonly kind: 'shown'; readonly address: string; readonly parts: Place['parts']; readonly show: ShowPage }
  /** Its code did not come. */
  | { readonly kind: 'failed'; readonly address: string };

/**
 * The page of the window's address. While the code of a new page is on its way the one before stays, with the focus in it: nothing
 * is taken away before there is something else. An address of no page becomes that of the fleets.
 */
export function useShownPage(): ShownPage & { readonly retry: () => void } {
  const [address, navigate] = useLocation();
  const [last, setLast] = useState<ShownPage>({ kind: 'none', address });
  const place = findPlace(address);
  const show = place && pageShelf.find(place.page);
  if (place && show && (last.kind !== 'shown' || last.address !== address)) {
    setLast({ kind: 'shown', address, parts: place.parts, show });
  }
  const isNowhere = place === undefined;
  // At once: an address that comes after this render must not be taken for the one that was nowhere.
  useLayoutEffect(() => {
    if (isNowhere) navigate(pathTo.fleets, { replace: true });
  }, [isNowhere, navigate]);
  const missing = show === undefined ? place?.page : undefined;
  const hasFailed = last.kind === 'failed' && last.address === address;
  useEffect(() => {
    if (missing === undefined || hasFailed) return undefined;
    let isWanted = true;
    const arrive = (next: ShownPage): void => {
      if (isWanted) setLast(next);
    };
    pageShelf.load(missing).then(
      (loaded) => arrive({ kind: 'shown', address, parts: findPlace(address)?.parts ?? {}, show: loaded }),
      () => arrive({ kind: 'failed', address }),
    );
    return () => {
      isWanted = false;
    };
  }, [address, missing, hasFailed]);
  return { ...last, retry: () => setLast({ kind: 'none', address }) };
}

/** The first page has all of the machine for as long. */
const PRELOAD_AFTER_MS = 2_000;

/** Fetches the pages that were not gone to yet, one after the other, while the host is there and the window has nothing else to do. */
export function usePreloading(): void {
  const isAway = useIsAway();
  useEffect(() => {
    if (isAway) return undefined;
    let isMounted = true;
    const fetchAll = async (): Promise<void> => {
      for (const page of PRELOADED) {
        await idle();
        if (!isMounted) return;
        await pageShelf.preload(page);
      }
    };
    const timer = after(PRELOAD_AFTER_MS, () => void fetchAll());
    return () => {
      isMounted = false;
      timer[Symbol.dispose]();
    };
  }, [isAway]);
}

function idle(): Promise<unknown> {
  return new Promise((resolve) => {
    requestIdleCallback(resolve);
  });
}
