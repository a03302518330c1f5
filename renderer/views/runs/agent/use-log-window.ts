import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type AgentLog, type LogEntry } from './log-model.ts';
import type { LogPages } from './use-agent.ts';
import type { LogPlace } from './use-log-place.ts';

/** Entries in the page at first; each wish for earlier ones adds as many. */
const PAGE_ENTRIES = 200;
/**
 * With more than these kept, all but the newest page are dropped, but only while the end is shown: what is read is not taken
 * away.
 */
const MAX_ENTRIES = 1_000;
/** Entries in sight before the one that was asked for, for what led to it. */
const BEFORE_PLACE = 20;
/** Nearer to the end than this counts as at the end. */
const END_PX = 24;

/** What of a log is in the page, and where it is scrolled to. */
export interface LogWindow {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly shown: readonly LogEntry[];
  readonly hasEarlier: boolean;
  readonly showEarlier: () => Promise<void>;
  readonly isAtEnd: boolean;
  readonly goToEnd: () => void;
  /** Entries that came since the end was left. */
  readonly freshCount: number;
  readonly onScroll: () => void;
}

/** What a log is shown with. */
interface LogWindowParts {
  readonly pages: LogPages;
  readonly place: LogPlace;
}

/** Opens at a place, or follows the end of a log until it is scrolled up; `version` says when the log, which changes in place, has changed. */
export function useLogWindow(log: AgentLog, version: number, { pages, place }: LogWindowParts): LogWindow {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(!place.isWanted);
  const [shownCount, setShownCount] = useState(PAGE_ENTRIES);
  /** Entries there were when the end was left. */
  const [seen, setSeen] = useState(0);
  useFollowEnd(scroller, isAtEnd, version);
  useScrollTo(scroller, place.at);
  useBound(log, { version, isAtEnd, drop: pages.dropEarlier, onDrop: () => setShownCount(PAGE_ENTRIES) });
  const { entries } = log;
  const hidden = Math.max(0, Math.min(entries.length - shownCount, place.at < 0 ? Infinity : place.at - BEFORE_PLACE));
  const showEarlier = async (): Promise<void> => {
    const element = scroller.current;
    const fromEnd = element ? element.scrollHeight - element.scrollTop : 0;
    setAtEnd(false);
    setSeen(entries.length);
    if (hidden === 0 && log.isCut) await pages.dropEarlier(log);
    else if (hidden === 0) await pages.loadEarlier(log);
    setShownCount((count) => count + PAGE_ENTRIES);
    // What was in sight stays in sight: earlier entries grow above it.
    requestAnimationFrame(() => {
      if (element) element.scrollTop = element.scrollHeight - fromEnd;
    });
  };
  const onScroll = (): void => {
    const element = scroller.current;
    if (!element) return;
    const isNowAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < END_PX;
    if (isAtEnd && !isNowAtEnd) setSeen(entries.length);
    setAtEnd(isNowAtEnd);
  };
  return {
    scroller,
    shown: entries.slice(hidden),
    hasEarlier: hidden > 0 || log.isCut || log.older !== undefined,
    showEarlier,
    isAtEnd,
    goToEnd: () => setAtEnd(true),
    // Where it opened at a place, the end was never left.
    freshCount: isAtEnd || seen === 0 ? 0 : Math.max(0, entries.length - seen),
    onScroll,
  };
}

function useFollowEnd(scroller: RefObject<HTMLDivElement | null>, isAtEnd: boolean, version: number): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!isAtEnd || !element) return;
    element.scrollTo(0, element.scrollHeight);
    // The log changes in place: its version says when.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [scroller, isAtEnd, version]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!isAtEnd || !element) return undefined;
    // What stands below may take room after the log was shown.
    const observer = new ResizeObserver(() => {
      element.scrollTo(0, element.scrollHeight);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, isAtEnd]);
}

/** Brings the entry that was asked for to the top, once: what a person scrolls to afterwards stays. */
function useScrollTo(scroller: RefObject<HTMLDivElement | null>, at: number): void {
  const isFound = at >= 0;
  useLayoutEffect(() => {
    const element = scroller.current;
    const entry = isFound ? element?.querySelector('[aria-current="location"]') : undefined;
    if (!element || !entry) return;
    element.scrollBy(0, entry.getBoundingClientRect().top - element.getBoundingClientRect().top);
  }, [scroller, isFound]);
}

interface Bound {
  readonly version: number;
  readonly isAtEnd: boolean;
  readonly drop: (log: AgentLog) => Promise<void>;
  readonly onDrop: () => void;
}

function useBound(log: AgentLog, { version, isAtEnd, drop, onDrop }: Bound): void {
  const dropAt = useRef(MAX_ENTRIES);
  useEffect(() => {
    if (!isAtEnd || log.entries.length <= dropAt.current) return;
    const bound = async (): Promise<void> => {
      // Whatever comes of it, it is asked again only when the log has grown by a page.
      dropAt.current = Infinity;
      await drop(log);
      dropAt.current = Math.max(MAX_ENTRIES, log.entries.length + PAGE_ENTRIES);
      onDrop();
    };
    void bound();
    // The log changes in place: its version says when. `onDrop` is made anew at each render and does the same.
    // oxlint-disable-next-line react/exhaustive-deps, react/exhaustive-effect-dependencies
  }, [log, version, isAtEnd, drop]);
}
