import { useCallback, useState } from 'react';
import { useLocation } from 'wouter';
import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import { pathTo } from '../../../app/path-to.ts';
import { useStreamValue } from '../../../rpc/host-context.tsx';
import { valueOf } from '../../../rpc/loaded.ts';
import { LoadedView } from '../../../ui/notice.tsx';
import { AgentPanel } from '../agent/agent-panel.tsx';
import { AgentsTable } from '../agents/agents-table.tsx';
import type { AgentsStream } from '../agents/use-agents.ts';
import { useAgentCommands } from '../use-agent-commands.ts';
import styles from './run-page.module.css';
import { Splitter } from './splitter.tsx';

const PANEL_PX = 380;

interface RunDeskProps {
  readonly view: RunView;
  readonly agents: AgentsStream;
  readonly session: number;
  /** The one that is open. */
  readonly agent: number | undefined;
}

/** The agents, and beside them the one that is open. */
export function RunDesk({ view, agents, session, agent }: RunDeskProps) {
  const { run, isLive, turnsPerAgent } = view;
  const { runId } = run;
  const [, navigate] = useLocation();
  const loaded = useStreamValue(agents);
  const all = useAgentCommands(runId);
  const commands = isLive ? all : undefined;
  const [panelPx, setPanelPx] = useState(PANEL_PX);
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
              {...{ runId, agent, session, isLive, commands, turnsPerAgent }}
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
