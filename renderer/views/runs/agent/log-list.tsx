import { ArrowDown } from 'lucide-react';
import { Button } from '../../../ui/button.tsx';
import { toCounted } from '../../../ui/format.ts';
import { Notice } from '../../../ui/notice.tsx';
import styles from './agent-panel.module.css';
import { LogLine } from './log-entries.tsx';
import { type AgentLog, findAnswer, isAnswerOf, MAX_ENTRIES } from './log-model.ts';
import type { LogPages } from './use-agent.ts';
import { useLogWindow } from './use-log-window.ts';

interface LogListProps {
  readonly log: AgentLog;
  readonly version: number;
  readonly pages: LogPages;
}

/** The entries of a log, the newest last; follows the end until it is scrolled up. */
export function LogList({ log, version, pages }: LogListProps) {
  const { scroller, shown, hasEarlier, showEarlier, isAtEnd, goToEnd, freshCount, onScroll } = useLogWindow(
    log,
    version,
    pages,
  );
  if (log.isWhole && log.entries.length === 0) {
    return <Notice title="Nothing happened yet">Its first entry appears when the agent begins.</Notice>;
  }
  const answer = findAnswer(log.entries);
  return (
    <div className={styles['logFrame']}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region is scrolled with the keyboard */}
      <div ref={scroller} className={styles['log']} role="log" aria-label="Log" tabIndex={0} onScroll={onScroll}>
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
            <LogLine key={entry.key} entry={entry} isAnswer={isAnswerOf(entry, answer)} />
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
