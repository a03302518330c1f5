import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import { StateChip } from '../../../ui/chip.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { toClockTime, toCounted, toDateTime } from '../../../ui/format.ts';
import { Page } from '../../../ui/page.tsx';
import { useAgentsStream } from '../agents/use-agents.ts';
import { FiguresRow } from './figures-row.tsx';
import { Notices } from './notices.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { ReasonBanner } from './reason-banner.tsx';
import { RunActions } from './run-actions.tsx';
import { RunDesk } from './run-desk.tsx';
import styles from './run-page.module.css';
import { useRunCommands, useShownState, type WatchedRun } from './use-run.ts';

interface RunPageProps extends WatchedRun {
  readonly value: RunView;
  readonly agent: number | undefined;
  /** Of the agent's log. */
  readonly entry: string | undefined;
}

/** The page of a run that is known. */
export function RunPage({ value, view, session, samples, agent, entry }: RunPageProps) {
  const { run, isLive, report, notices } = value;
  const commands = useRunCommands();
  // Not read here: ten times a second only the parts that show agents are rendered.
  const agents = useAgentsStream(run.runId, session);
  const title = (
    <span className={styles['title']}>
      {run.fleet} <StateChip state={useShownState(run.state)} />
    </span>
  );
  return (
    <Page
      title={title}
      subtitle={<Subtitle view={value} staleSinceMs={view.kind === 'stale' ? view.sinceMs : undefined} />}
      actions={<RunActions view={value} commands={commands} agents={agents} />}
      isFixed
    >
      <ReasonBanner view={value} commands={commands} />
      <ProgressPanel view={value} samples={samples} agents={agents} />
      <FiguresRow runId={run.runId} session={session} isLive={isLive} p99Ms={report?.latencyMs.p99} agents={agents} />
      {notices.length > 0 ? <Notices notices={notices} /> : null}
      <RunDesk view={value} {...{ agents, session, agent, entry }} />
    </Page>
  );
}

function Subtitle({ view, staleSinceMs }: { readonly view: RunView; readonly staleSinceMs: number | undefined }) {
  const { run, uses } = view;
  return (
    <span className={styles['subtitle']}>
      run <span className="mono">{run.runId.slice(-6)}</span>
      <CopyButton text={run.runId} what="run id" />
      {[`launched ${toDateTime(run.startedAtMs)}`, toCounted(run.agents, 'agent'), uses.join(' + ')]
        .filter((word) => word !== '')
        .join(' · ')}
      {staleSinceMs === undefined ? null : <b> · as of {toClockTime(staleSinceMs)}</b>}
    </span>
  );
}
