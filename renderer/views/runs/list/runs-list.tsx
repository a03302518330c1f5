import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { pathTo } from '../../../app/path-to.ts';
import { useSize } from '../../../charts/use-size.ts';
import { useNow } from '../../../app/use-now.ts';
import { Panel } from '../../../ui/panel.tsx';
import { useRunCommands } from '../page/use-run.ts';
import { fitColumns, toMinWidth, toTemplate } from '../fit-columns.ts';
import { RUN_COLUMNS } from './run-columns.ts';
import { RunRowView } from './run-row.tsx';
import type { RunRow } from './runs-model.ts';
import styles from './runs-list.module.css';
import type { RunList } from './use-runs.ts';

const ROW_PX = 40;
const HEAD_PX = 32;
/** Older runs are asked for when so few lines are left below. */
const AHEAD_ROWS = 20;
/** The widest that a thin scrollbar is: the lines stand beside it, not below. */
const SCROLLBAR_PX = 12;

interface RunsListProps extends Pick<RunList, 'hasOlder' | 'isLoadingOlder' | 'loadOlder'> {
  readonly rows: readonly RunRow[];
  readonly isStale: boolean;
}

/** The list of runs; only the lines in sight are in the page, older ones come as it is scrolled. */
export function RunsList({ rows, isStale, hasOlder, isLoadingOlder, loadOlder }: RunsListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const commands = useRunCommands();
  const [, navigate] = useLocation();
  const nowMs = useNow(1_000);
  const { width } = useSize(scroller);
  const columns = fitColumns(RUN_COLUMNS, width === 0 ? Infinity : width - SCROLLBAR_PX);
  // oxlint-disable-next-line react/incompatible-library -- no compiler is used; nothing memoises what it answers
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => rows[index]?.runId ?? index,
    estimateSize: () => ROW_PX,
    overscan: 6,
    paddingStart: HEAD_PX,
  });
  const inSight = lines.getVirtualItems();
  const last = inSight.at(-1)?.index ?? 0;
  const wantsOlder = hasOlder && !isLoadingOlder && last >= rows.length - AHEAD_ROWS;
  useEffect(() => {
    if (wantsOlder) loadOlder();
  }, [wantsOlder, loadOlder]);
  const open = (runId: string): void => navigate(pathTo.run(runId));
  return (
    <Panel isFlush label="Runs" className={styles['panel']}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region is scrolled with the keyboard */}
      <div ref={scroller} className={styles['scroller']} data-stale={isStale} tabIndex={0}>
        <div role="table" aria-label="Runs" aria-rowcount={hasOlder ? -1 : rows.length + 1}>
          <div
            className={styles['lines']}
            role="rowgroup"
            style={
              {
                height: lines.getTotalSize(),
                minWidth: toMinWidth(columns),
                '--columns': toTemplate(columns),
              } as object
            }
          >
            <div role="row" aria-rowindex={1} className={styles['head']}>
              {columns.map(({ id, title, isNumber }) => (
                <span key={id} role="columnheader" data-number={isNumber}>
                  {title}
                </span>
              ))}
              <span role="columnheader">
                <span className="visually-hidden">Actions</span>
              </span>
            </div>
            {inSight.map(({ index, start, key }) => {
              const run = rows[index];
              if (!run) return null;
              return (
                <div
                  key={key}
                  role="row"
                  aria-rowindex={index + 2}
                  className={styles['row']}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <RunRowView run={run} columns={columns} nowMs={nowMs} commands={commands} onOpen={open} />
                </div>
              );
            })}
          </div>
        </div>
        {isLoadingOlder ? (
          <div className={styles['older']} role="status">
            Loading older runs …
          </div>
        ) : null}
      </div>
    </Panel>
  );
}
