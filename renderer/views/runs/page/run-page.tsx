import { useCallback, useState, type PointerEvent } from 'react';
import { useLocation } from 'wouter';
import { pathTo } from '../../../app/path-to.ts';
import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import { valueOf } from '../../../rpc/loaded.ts';
import { StateChip } from '../../../ui/chip.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { toClockTime, toCount, toDateTime } from '../../../ui/format.ts';
import { LoadedView } from '../../../ui/notice.tsx';
import { Page } from '../../../ui/page.tsx';
import { AgentPanel } from '../agent/agent-panel.tsx';
import { AgentsTable } from '../agents/agents-table.tsx';
import { useAgents } from '../agents/use-agents.ts';
import { useAgentCommands } from '../use-agent-commands.ts';
import { FiguresRow } from './figures-row.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { ReasonBanner } from './reason-banner.tsx';
import { RunActions } from './run-actions.tsx';
import styles from './run-page.module.css';
import { useRunCommands, type WatchedRun } from './use-run.ts';

interface RunPageProps extends WatchedRun {
  readonly value: RunView;
  readonly agent: number | undefined;
}

/** The page of a run that is known. */
export function RunPage({ value, view, session, samples, agent }: RunPageProps) {
  const { run, isLive, report, notices } = value;
  const commands = useRunCommands();
  const title = (
    <span className={styles['title']}>
      {run.fleet} <StateChip state={run.state} />
    </span>
  );
  return (
    <Page
      title={title}
      subtitle={<Subtitle view={value} staleSinceMs={view.kind === 'stale' ? view.sinceMs : undefined} />}
      actions={<RunActions view={value} commands={commands} />}
      isFixed
    >
      <ReasonBanner view={value} commands={commands} />
      <ProgressPanel view={value} samples={samples} />
      <FiguresRow runId={run.runId} session={session} isLive={isLive} p99Ms={report?.latencyMs.p99} />
      {notices.length > 0 ? <Notices notices={notices} /> : null}
      <Desk runId={run.runId} agents={run.agents} {...{ isLive, session, agent }} />
    </Page>
  );
}

function Subtitle({ view, staleSinceMs }: { readonly view: RunView; readonly staleSinceMs: number | undefined }) {
  const { run, uses } = view;
  return (
    <span className={styles['subtitle']}>
      run <span className="mono">{run.runId.slice(-6)}</span>
      <CopyButton text={run.runId} what="run id" />
      {[`launched ${toDateTime(run.startedAtMs)}`, `${toCount(run.agents)} agents`, uses.join(' + ')]
        .filter((word) => word !== '')
        .join(' · ')}
      {staleSinceMs === undefined ? null : <b> · as of {toClockTime(staleSinceMs)}</b>}
    </span>
  );
}

function Notices({ notices }: Pick<RunView, 'notices'>) {
  return (
    <details className={styles['notices']}>
      <summary>
        {toCount(notices.length)} {notices.length === 1 ? 'notice' : 'notices'}: {notices[0]?.text}
      </summary>
      <ul>
        {notices.map(({ atMs, level, text }) => (
          <li key={`${atMs} ${text}`} data-level={level}>
            <time>{toClockTime(atMs)}</time> {text}
          </li>
        ))}
      </ul>
    </details>
  );
}

interface DeskProps {
  readonly runId: string;
  readonly agents: number;
  readonly isLive: boolean;
  readonly session: number;
  readonly agent: number | undefined;
}

/** The agents, and beside them the one that is open. */
function Desk({ runId, agents, isLive, session, agent }: DeskProps) {
  const [, navigate] = useLocation();
  const loaded = useAgents(runId, session);
  const all = useAgentCommands(runId);
  const commands = isLive ? all : undefined;
  const [panelPx, setPanelPx] = useState(400);
  const isOpen = agent !== undefined;
  const open = useCallback(
    (next: number) => navigate(pathTo.agent(runId, next), { replace: isOpen }),
    [navigate, runId, isOpen],
  );
  const close = useCallback(() => navigate(pathTo.run(runId)), [navigate, runId]);
  return (
    <div className={styles['desk']} style={{ '--panel': `${panelPx}px` } as object} data-open={isOpen}>
      <div className={styles['agents']}>
        <LoadedView of={loaded} what="the agents">
          {(store, isStale) => (
            <AgentsTable {...{ store, isLive, isStale, commands }} selected={agent} onOpen={open} onClose={close} />
          )}
        </LoadedView>
      </div>
      {agent === undefined ? null : (
        <>
          <Splitter widthPx={panelPx} onResize={setPanelPx} />
          <aside className={styles['aside']}>
            <AgentPanel
              key={agent}
              {...{ runId, agent, agents, session, isLive, commands }}
              store={valueOf(loaded)}
              onClose={close}
            />
          </aside>
        </>
      )}
    </div>
  );
}

const MIN_PX = 300;
const MAX_PX = 900;
const STEP_PX = 24;

/** Resizes the panel right of it, by pointer or arrow keys. */
function Splitter({ widthPx, onResize }: { readonly widthPx: number; readonly onResize: (widthPx: number) => void }) {
  const resize = (px: number): void => onResize(Math.min(MAX_PX, Math.max(MIN_PX, px)));
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    const right = event.currentTarget.parentElement?.getBoundingClientRect().right ?? 0;
    if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(right - event.clientX);
  };
  return (
    <div
      className={styles['splitter']}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the agent"
      aria-valuenow={Math.round(widthPx)}
      aria-valuemin={MIN_PX}
      aria-valuemax={MAX_PX}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={({ key }) => {
        if (key === 'ArrowLeft') resize(widthPx + STEP_PX);
        if (key === 'ArrowRight') resize(widthPx - STEP_PX);
      }}
    />
  );
}
