import { X } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { AGENT_STATES } from '../../../../shared/model/states.ts';
import { Button } from '../../../ui/button.tsx';
import { CommandButton } from '../../../ui/command-button.tsx';
import { CutName } from '../../../ui/cut-name.tsx';
import { toClockTime, toCount } from '../../../ui/format.ts';
import { LoadedView, Notice } from '../../../ui/notice.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { AgentChip } from '../agents/agent-chip.tsx';
import type { AgentsStore } from '../agents/agents-store.ts';
import type { AgentCommands } from '../use-agent-commands.ts';
import styles from './agent-panel.module.css';
import { LogList } from './log-list.tsx';
import { toTurnWords } from './turn-words.ts';
import { TimesPart } from './times-part.tsx';
import { useAgentLog, useLogPages } from './use-agent.ts';

interface AgentPanelProps {
  readonly runId: string;
  readonly agent: number;
  /** The entry of its log that is to be seen; absent: the newest. */
  readonly entry: string | undefined;
  readonly session: number;
  /** Absent while the agents are on their way. */
  readonly store: AgentsStore | undefined;
  /** How many agents the run has. */
  readonly agents: number;
  readonly isLive: boolean;
  /** The most that an agent of the fleet may take; absent where it is not known. */
  readonly turnsPerAgent: number | undefined;
  readonly commands: AgentCommands | undefined;
  readonly onClose: () => void;
}

type LogPartProps = Pick<AgentPanelProps, 'runId' | 'agent' | 'entry' | 'session'>;

/** One agent: how it stands, what it did, where its time went. */
export function AgentPanel(props: AgentPanelProps) {
  const { agent, agents, store, isLive, onClose } = props;
  const close = (
    <Button size="small" tone="quiet" aria-label="Close agent" title="Close (Esc)" onClick={onClose}>
      <X aria-hidden="true" />
    </Button>
  );
  if (!Number.isInteger(agent) || agent < 0 || agent >= agents) {
    return (
      <Panel title="No such agent" aside={close} className={styles['panel']}>
        <Notice title="This run has no such agent" actions={<Button onClick={onClose}>Show all agents</Button>}>
          It has {toCount(agents)}, counted from 0.
        </Notice>
      </Panel>
    );
  }
  const isAtWork = isLive && !(store?.isFinal(agent) ?? false);
  return (
    <Panel label={`Agent ${store?.nameOf(agent) ?? agent}`} className={styles['panel']}>
      <PanelHead {...props} isAtWork={isAtWork} close={close} />
      <LogPart runId={props.runId} agent={agent} entry={props.entry} session={props.session} />
      <TimesPart runId={props.runId} agent={agent} isLive={isAtWork} />
    </Panel>
  );
}

function PanelHead({
  agent,
  store,
  commands,
  turnsPerAgent,
  isAtWork,
  close,
}: AgentPanelProps & { readonly isAtWork: boolean; readonly close: ReactNode }) {
  const state = AGENT_STATES[store?.state[agent] ?? 0] ?? 'queued';
  const name = store?.nameOf(agent) ?? `agent ${agent}`;
  const turns = store?.numbers.turns[agent] ?? 0;
  return (
    <header className={styles['head']}>
      <div className={styles['name']}>
        <h2 aria-label={name}>
          <CutName name={name} />
        </h2>
        {store?.hasRow(agent) ? <AgentChip state={state} wish={store.wishOf(agent)} /> : null}
      </div>
      <span className={styles['close']}>{close}</span>
      <span className={styles['turns']}>{toTurnWords({ state, turns, of: turnsPerAgent })}</span>
      {commands && store && isAtWork ? <PanelActions {...{ agent, name, store, commands }} /> : null}
    </header>
  );
}

interface PanelActionsProps {
  readonly agent: number;
  readonly name: string;
  readonly store: AgentsStore;
  readonly commands: AgentCommands;
}

function PanelActions({ agent, name, store, commands }: PanelActionsProps) {
  const wish = store.wishOf(agent);
  const isHeld = AGENT_STATES[store.state[agent]!] === 'paused' || wish === 'pausing';
  return (
    <span className={styles['actions']}>
      {!store.canPause(agent) ? null : isHeld ? (
        <CommandButton size="small" onClick={() => void commands.resume(agent, name)}>
          Resume
        </CommandButton>
      ) : (
        <CommandButton size="small" onClick={() => void commands.pause(agent, name)}>
          Pause
        </CommandButton>
      )}
      {wish === 'stopping' ? (
        <CommandButton size="small" tone="danger" onClick={() => void commands.stopNow(agent, name)}>
          Stop now
        </CommandButton>
      ) : (
        <CommandButton size="small" tone="danger" onClick={() => void commands.stop(agent, name)}>
          Stop…
        </CommandButton>
      )}
    </span>
  );
}

/** Not rendered again when other agents change. */
const LogPart = memo(function LogPart({ runId, agent, entry, session }: LogPartProps) {
  const log = useAgentLog(runId, agent, session);
  const pages = useLogPages(runId, agent);
  return (
    <div className={styles['logPart']} data-stale={log.kind === 'stale'}>
      {log.kind === 'stale' ? <div className={styles['quiet']}>as of {toClockTime(log.sinceMs)}</div> : null}
      <LoadedView of={log} what="the log">
        {(value) => (
          <LogList key={`${runId} ${agent} ${entry}`} log={value} version={value.version} {...{ pages, entry }} />
        )}
      </LoadedView>
    </div>
  );
});
