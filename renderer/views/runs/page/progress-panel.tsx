import { Fragment, useMemo } from 'react';
import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import { ShareBar } from '../../../charts/share-bar.tsx';
import { valueOf } from '../../../rpc/loaded.ts';
import { toCount, toCounted, toPercent } from '../../../ui/format.ts';
import { Panel } from '../../../ui/panel.tsx';
import { type AgentsStream, useAgents } from '../agents/use-agents.ts';
import { toProgressFacts } from './progress-facts.ts';
import { countWhole, toLiveProgress, toProgressShares, toSpentWords, toUnpricedWords } from './run-model.ts';
import { estimateLeft, type Sample } from './time-left-model.ts';
import styles from './run-page.module.css';

interface ProgressPanelProps {
  readonly view: RunView;
  readonly samples: readonly Sample[];
  readonly agents: AgentsStream;
}

/** How far the run is, what it lost, retried and spent: one line, whose least important facts are cut where it is narrow. */
export function ProgressPanel({ view, samples, agents }: ProgressPanelProps) {
  const store = valueOf(useAgents(agents));
  const run = toLiveProgress(view.run, view.isLive, store);
  const isAtWork = view.isLive && run.state === 'running';
  const left = useMemo(
    () =>
      isAtWork ? estimateLeft(samples, { agents: run.agents, turnsPerAgent: view.turnsPerAgent }, store) : undefined,
    // Once for each sample, a second: each looks at all agents.
    // oxlint-disable-next-line react/exhaustive-deps -- the store changes in place, ten times a second
    [samples, isAtWork],
  );
  const shares = toProgressShares(run);
  const label = shares.map(({ name, ratio }) => `${toPercent(ratio)} ${name}`).join(', ');
  const facts = toProgressFacts({ run, report: view.report, left });
  const unpriced = toUnpricedWords(run);
  return (
    <Panel label="Progress">
      <div className={styles['progress']}>
        <b>
          {toCount(countWhole(run))} of {toCounted(run.agents, 'agent')}
        </b>
        <span className={styles['facts']} title={facts.join(' · ')}>
          {facts.map((fact, at) => (
            <Fragment key={fact}>
              {at > 0 ? ' · ' : ''}
              <span>{fact}</span>
            </Fragment>
          ))}
        </span>
        <span className={styles['spent']} title={unpriced}>
          {toSpentWords(view)}
          {unpriced === undefined ? null : <span className="visually-hidden"> ({unpriced})</span>}
        </span>
      </div>
      <ShareBar
        shares={shares}
        label={label}
        progress={{ name: 'Agents that ended', now: run.agentsDone, max: run.agents }}
      />
    </Panel>
  );
}
