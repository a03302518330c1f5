import { ArrowDown } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { toCount } from '../../../ui/format.ts';
import { Notice } from '../../../ui/notice.tsx';
import styles from './agent-panel.module.css';
import { LogLine } from './log-entries.tsx';
import type { AgentLog } from './log-model.ts';

/** Entries in the page at first; each wish for earlier ones adds as many. */
const PAGE_ENTRIES = 200;
/** Nearer to the end than this counts as at the end. */
const END_PX = 24;

interface LogListProps {
  readonly log: AgentLog;
  readonly version: number;
  readonly loadEarlier: () => Promise<void>;
  readonly isLoadingEarlier: boolean;
}

/** The entries of a log, the newest last; follows the end until it is scrolled up. */
export function LogList({ log, version, loadEarlier, isLoadingEarlier }: LogListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const [shown, setShown] = useState(PAGE_ENTRIES);
  /** Entries there were when the end was left. */
  const [seen, setSeen] = useState(0);
  const { entries } = log;
  const hidden = Math.max(0, entries.length - shown);
  const hasEarlier = hidden > 0 || log.older !== undefined;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!isAtEnd || !element) return;
    element.scrollTop = element.scrollHeight;
    // The log changes in place: its version says when.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [isAtEnd, version]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!isAtEnd || !element) return undefined;
    // What stands below may take room after the log was shown.
    const observer = new ResizeObserver(() => {
      element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isAtEnd]);
  const showEarlier = async (): Promise<void> => {
    const element = scroller.current;
    const fromEnd = element ? element.scrollHeight - element.scrollTop : 0;
    setAtEnd(false);
    setSeen(entries.length);
    if (hidden === 0) await loadEarlier();
    setShown((count) => count + PAGE_ENTRIES);
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
  const fresh = isAtEnd ? 0 : Math.max(0, entries.length - seen);
  if (log.isWhole && entries.length === 0) {
    return <Notice title="Nothing happened yet">Its first entry appears when the agent begins.</Notice>;
  }
  return (
    <div className={styles['logFrame']}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region is scrolled with the keyboard */}
      <div ref={scroller} className={styles['log']} role="log" aria-label="Log" tabIndex={0} onScroll={onScroll}>
        {hasEarlier ? (
          <Button size="small" tone="quiet" isBusy={isLoadingEarlier} onClick={() => void showEarlier()}>
            {isLoadingEarlier ? 'Loading …' : 'Earlier entries'}
          </Button>
        ) : null}
        <ol className={styles['entries']}>
          {entries.slice(hidden).map((entry) => (
            <LogLine key={entry.key} entry={entry} />
          ))}
        </ol>
      </div>
      {isAtEnd ? null : (
        <div className={styles['toEnd']}>
          <Button size="small" onClick={() => setAtEnd(true)}>
            {fresh > 0 ? `${toCount(fresh)} new ${fresh === 1 ? 'entry' : 'entries'}` : 'To the end'}
            <ArrowDown aria-hidden="true" />
          </Button>
        </div>
      )}
    </div>
  );
}
