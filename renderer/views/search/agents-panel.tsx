import { Link } from 'wouter';
import { pathTo } from '../../app/path-to.ts';
import { Button } from '../../ui/button.tsx';
import { StateChip } from '../../ui/chip.tsx';
import { CutName } from '../../ui/cut-name.tsx';
import { toDateTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import type { FoundAgent } from '../../../shared/contract/history.ts';
import styles from './search-view.module.css';
import type { FoundAgents } from './use-found-agents.ts';

interface AgentsPanelProps {
  readonly found: FoundAgents;
  readonly more: () => void;
  readonly isLoadingMore: boolean;
}

/** Agents that were found by their names; each leads to its log on the page of its run. */
export function AgentsPanel({ found: { agents, hasMore }, more, isLoadingMore }: AgentsPanelProps) {
  return (
    <Panel isFlush label="Agents by name">
      <div className={styles['run']}>
        <h2>Agents by name</h2>
        {hasMore ? (
          <span className={styles['when']}>
            <Button size="small" isBusy={isLoadingMore} onClick={more}>
              {isLoadingMore ? 'Loading …' : 'More agents'}
            </Button>
          </span>
        ) : null}
      </div>
      <ol className={styles['hits']}>
        {agents.map((agent) => (
          <AgentHit key={`${agent.runId} ${agent.agent}`} of={agent} />
        ))}
      </ol>
    </Panel>
  );
}

function AgentHit({ of: { runId, agent, name, state, fleet, changedAtMs } }: { readonly of: FoundAgent }) {
  return (
    <li>
      <Link href={pathTo.agent(runId, agent)} className={styles['hit']}>
        <span className={styles['where']}>
          <b>
            <CutName name={name} />
          </b>{' '}
          <StateChip state={state} />
          <span className={styles['fleet']}>
            {fleet} <span className="mono">{runId}</span>
          </span>
          <time dateTime={new Date(changedAtMs).toISOString()}>{toDateTime(changedAtMs)}</time>
        </span>
      </Link>
    </li>
  );
}
