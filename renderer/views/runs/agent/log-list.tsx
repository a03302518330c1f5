import { ArrowDown } from 'lucide-react';
import { Button } from '../../../ui/button.tsx';
import { toCounted } from '../../../ui/format.ts';
import { Notice } from '../../../ui/notice.tsx';
import styles from './agent-panel.module.css';
import { LogLine } from './log-entries.tsx';
import { type AgentLog, findAnswer, isAnswerOf, MAX_ENTRIES } from './log-model.ts';
import type { LogPages } from './use-agent.ts';
import { useLogPlace } from './use-log-place.ts';
import { useLogWindow } from './use-log-window.ts';

interface LogListProps {
  readonly log: AgentLog;
  readonly version: number;
  readonly pages: LogPages;
  /** The name of the entry that is to be seen; absent: the newest. */
  readonly entry: string | undefined;
}

/** The entries of a log, the newest last; follows the end until it is scrolled up, or opens at the entry that is asked for. */
export function LogList({ log, version, pages, entry: wanted }: LogListProps) {
  const place = useLogPlace(log, pages, wanted);
  const { scroller, shown, hasEarlier, showEarlier, isAtEnd, goToEnd, freshCount, onScroll } = useLogWindow(
    log,
    version,
    { pages, place },
  );
  if (log.isWhole && log.entries.length === 0) {
    return <Notice title="Nothing happened yet">Its first entry appears when the agent begins.</Notice>;
  }
  const answer = findAnswer(log.entries);
  const found = log.entries[place.at];
  return (
    <div className={styles['logFrame']}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region is scrolled with the keyboard */}
      <div ref={scroller} className={styles['log']} role="log" aria-label="Log" tabIndex={0} onScroll={onScroll}>
        {place.isMissing ? (
          <p className={styles['quiet']}>What was found does not stand among the entries that can be shown here.</p>
        ) : null}
        {hasEarlier ? (
          <Button size="small" tone="quiet" isBusy={pages.isLoadingEarlier} onClick={() => void showEarlier()}>
            {pages.isLoadingEarlier ? 'Loading …' : 'Earlier entries'}
          </Button>
        ) : log.isFull ? (
          <p className={styles['quiet']}>
            No more than {toCounted(MAX_ENTRIES, 'entry', 'entries')} are shown here; “flotilla history show RUN --agent
            NAME” prints the whole log.
          </p>
        ) : null}
        <ol className={styles['entries']}>
          {shown.map((entry) => (
            <LogLine
              key={entry.key}
              entry={entry}
              isAnswer={entry !== found && isAnswerOf(entry, answer)}
              isFound={entry === found}
            />
          ))}
        </ol>
      </div>
      {isAtEnd ? null : (
        <div className={styles['toEnd']}>
          <Button size="small" onClick={goToEnd}>
            {freshCount > 0 ? toCounted(freshCount, 'new entry', 'new entries') : 'To the end'}
            <ArrowDown aria-hidden="true" />
          </Button>
        </div>
      )}
    </div>
  );
}
