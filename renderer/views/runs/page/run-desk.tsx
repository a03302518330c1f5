import { memo, useCallback, useDeferredValue } from 'react';
import { useLocation } from 'wouter';
import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import { pathTo } from '../../../app/path-to.ts';
import { type Loaded, valueOf } from '../../../rpc/loaded.ts';
import { LoadedView } from '../../../ui/notice.tsx';
import { AgentPanel } from '../agent/agent-panel.tsx';
import type { AgentsStore } from '../agents/agents-store.ts';
import { AgentsTable, type AgentsTableProps } from '../agents/agents-table.tsx';
import { type AgentsStream, useAgents } from '../agents/use-agents.ts';
import { useAgentCommands } from '../use-agent-commands.ts';
import styles from './run-page.module.css';
import { Splitter } from './splitter.tsx';
import { usePanelWidth } from './use-panel-width.ts';

interface RunDeskProps {
  readonly view: RunView;
  readonly agents: AgentsStream;
  readonly session: number;
  /** The one that is open. */
  readonly agent: number | undefined;
  /** The entry of its log that is to be seen; absent: the newest. */
  readonly entry: string | undefined;
}

/** The agents, and beside them the one that is open. */
export function RunDesk({ view, agents, session, agent, entry }: RunDeskProps) {
  const { run, isLive, turnsPerAgent } = view;
  const { runId } = run;
  const [, navigate] = useLocation();
  // The progress above is shown in the frame in which something is heard, the table in the next one: together they would be
  // most of what a frame has.
  const loaded = useDeferredValue(useAgents(agents));
  const all = useAgentCommands(runId);
  const commands = isLive ? all : undefined;
  const [panelPx, setPanelPx] = usePanelWidth();
  const isOpen = agent !== undefined;
  const open = useCallback(
    (next: number) => navigate(pathTo.agent(runId, next), { replace: isOpen }),
    [navigate, runId, isOpen],
  );
  const close = useCallback(() => navigate(pathTo.run(runId)), [navigate, runId]);
  return (
    <div className={styles['desk']} style={{ '--panel': `${panelPx}px` } as object} data-open={isOpen}>
      <div className={styles['agents']}>
        <Agents {...{ loaded, isLive, commands }} selected={agent} onOpen={open} onClose={close} />
      </div>
      {agent === undefined ? null : (
        <>
          <Splitter widthPx={panelPx} onResize={setPanelPx} />
          <aside className={styles['aside']}>
            <AgentPanel
              key={agent}
              {...{ runId, agent, entry, session, isLive, commands, turnsPerAgent }}
              agents={run.agents}
              store={valueOf(loaded)}
              onClose={close}
            />
          </aside>
        </>
      )}
    </div>
  );
}

interface AgentsProps extends Omit<AgentsTableProps, 'store' | 'isStale'> {
  /** Another object at each change: the store in it stays the same. */
  readonly loaded: Loaded<AgentsStore>;
}

const Agents = memo(function Agents({ loaded, ...rest }: AgentsProps) {
  return (
    <LoadedView of={loaded} what="the agents">
      {(store, isStale) => <AgentsTable {...rest} store={store} isStale={isStale} />}
    </LoadedView>
  );
});
