import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import { ShareBar } from '../../../charts/share-bar.tsx';
import { valueOf } from '../../../rpc/loaded.ts';
import { toCount, toDuration, toPercent } from '../../../ui/format.ts';
import { Panel } from '../../../ui/panel.tsx';
import { type AgentsStream, useAgents } from '../agents/use-agents.ts';
import {
  countCutShort,
  estimateLeftMs,
  type Sample,
  toLiveProgress,
  toProgressShares,
  toSpentWords,
} from './run-model.ts';
import styles from './run-page.module.css';

interface ProgressPanelProps {
  readonly view: RunView;
  readonly samples: readonly Sample[];
  readonly agents: AgentsStream;
}

/** How far the run is, what it lost, retried and spent. */
export function ProgressPanel({ view, samples, agents }: ProgressPanelProps) {
  const store = valueOf(useAgents(agents));
  const run = toLiveProgress(view.run, view.isLive, store);
  const cutShort = Math.min(run.agentsDone, countCutShort(store));
  const shares = toProgressShares(run, cutShort);
  const label = shares.map(({ name, ratio }) => `${toPercent(ratio)} ${name}`).join(', ');
  return (
    <Panel label="Progress">
      <div className={styles['progress']}>
        <b>
          {toCount(run.agentsDone - cutShort)} of {toCount(run.agents)} agents
        </b>
        <span>{toFacts({ ...view, run }, samples, cutShort).join(' · ')}</span>
        <span className={styles['spent']}>{toSpentWords(view)}</span>
      </div>
      <ShareBar
        shares={shares}
        label={label}
        progress={{ name: 'Agents that ended', now: run.agentsDone, max: run.agents }}
      />
    </Panel>
  );
}

function toFacts({ run, report, isLive }: RunView, samples: readonly Sample[], cutShort: number): string[] {
  const facts = [toPercent(run.agents === 0 ? 0 : (run.agentsDone - cutShort) / run.agents)];
  const leftMs = run.state === 'running' ? estimateLeftMs(samples, run.agents) : undefined;
  if (isLive && leftMs !== undefined && leftMs > 0) facts.push(`about ${toDuration(leftMs)} left`);
  if (report) facts.push(`took ${toDuration(report.ms)}`);
  facts.push(`${toCount(run.toolCalls)} tool calls`);
  if (report?.lost !== undefined) facts.push(`${toCount(report.lost)} lost`);
  if (report?.duplicated !== undefined) facts.push(`${toCount(report.duplicated)} duplicated`);
  facts.push(`${toCount(run.retries)} retried`, `${toCount(run.agentsFailed)} failed`);
  if (run.agentsAtLimit > 0) facts.push(`${toCount(run.agentsAtLimit)} at a limit`);
  if (cutShort > 0) facts.push(`${toCount(cutShort)} ${run.state === 'interrupted' ? 'interrupted' : 'stopped'}`);
  return facts;
}
