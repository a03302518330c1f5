import { Ellipsis } from 'lucide-react';
import { memo, type ReactElement, type ReactNode, useState } from 'react';
import { AGENT_STATES } from '../../../../shared/model/states.ts';
import { Button } from '../../../ui/button.tsx';
import { AgentChip } from './agent-chip.tsx';
import { CutName } from '../../../ui/cut-name.tsx';
import { toCount, toDuration, toTokens, toUsd } from '../../../ui/format.ts';
import { Menu, type MenuItem } from '../../../ui/overlays/menu.tsx';
import type { AgentCommands } from '../use-agent-commands.ts';
import type { SortKey } from './agent-order-keys.ts';
import styles from './agents-table.module.css';
import type { AgentsStore } from './agents-store.ts';
import type { Column } from './columns-model.ts';

interface AgentRowProps {
  readonly id: string;
  readonly store: AgentsStore;
  readonly agent: number;
  /** Stands for the contents of the row: one that is as before is not rendered again. */
  readonly version: number;
  /** Counts seconds for an agent at work, 0 for others. */
  readonly second: number;
  readonly columns: readonly Column[];
  readonly rowIndex: number;
  readonly isSelected: boolean;
  readonly hasCursor: boolean;
  readonly onOpen: (agent: number) => void;
  readonly commands: AgentCommands | undefined;
}

interface RowMenuProps {
  readonly name: string;
  /** Or on the way to it. */
  readonly isPaused: boolean;
  readonly canPause: boolean;
  readonly agent: number;
  readonly commands: AgentCommands;
}

/** One agent in the table. */
export const AgentRow = memo(function AgentRow(props: AgentRowProps) {
  const { id, store, agent, second, columns, rowIndex, isSelected, hasCursor, onOpen, commands } = props;
  const isPaused = AGENT_STATES[store.state[agent]!] === 'paused' || store.wishOf(agent) === 'pausing';
  const canPause = store.canPause(agent);
  return (
    // The grid around it has the focus and hears the keys.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id}
      role="row"
      className={styles['row']}
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
      data-cursor={hasCursor}
      onClick={() => onOpen(agent)}
    >
      {columns.map((column) => (
        <span
          key={column.id}
          role="gridcell"
          className={styles['cell']}
          data-number={column.isNumber}
          data-id={column.id}
          aria-label={column.id === 'agent' ? store.nameOf(agent) : undefined}
        >
          {toCell(store, agent, column.id, second * 1_000)}
        </span>
      ))}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- only keeps the row from opening */}
      <span role="gridcell" className={styles['menuCell']} onClick={(event) => event.stopPropagation()}>
        {commands && !store.isFinal(agent) ? (
          <RowMenu name={store.nameOf(agent)} {...{ isPaused, canPause, agent, commands }} />
        ) : null}
      </span>
    </div>
  );
});

/** A button, and behind it a menu that is made at the first press: hundreds of menus would be most of what a row costs. */
const RowMenu = memo(function RowMenu(props: RowMenuProps) {
  const [isMade, setMade] = useState(false);
  const label = `Actions for ${props.name}`;
  const button = (press?: () => void): ReactElement => (
    <Button size="small" tone="quiet" tabIndex={-1} aria-label={label} aria-haspopup="menu" onClick={press}>
      <Ellipsis aria-hidden="true" />
    </Button>
  );
  if (!isMade) return button(() => setMade(true));
  return <Menu trigger={button()} items={toItems(props)} isOpenAtFirst />;
});

function toItems({ name, isPaused, canPause, agent, commands }: RowMenuProps): readonly (MenuItem | 'separator')[] {
  const isCommand = true;
  const hold = isPaused
    ? { label: 'Resume agent', isCommand, run: () => void commands.resume(agent, name) }
    : { label: 'Pause agent', isCommand, run: () => void commands.pause(agent, name) };
  const stop = { label: 'Stop agent…', tone: 'danger', isCommand, run: () => void commands.stop(agent, name) } as const;
  return canPause ? [hold, 'separator', stop] : [stop];
}

function toCell(store: AgentsStore, agent: number, id: SortKey, nowMs: number): ReactNode {
  const { turns, toolCalls, inputTokens, outputTokens, costUsd } = store.numbers;
  if (id === 'agent') return <CutName name={store.nameOf(agent)} />;
  if (id === 'state')
    return <AgentChip state={AGENT_STATES[store.state[agent]!] ?? 'queued'} wish={store.wishOf(agent)} />;
  if (id === 'doing') return <span title={store.details[agent]}>{store.details[agent] || '–'}</span>;
  if (id === 'turns') return toCount(turns[agent]!);
  if (id === 'toolCalls') return toCount(toolCalls[agent]!);
  if (id === 'tokens') return toTokens(inputTokens[agent]! + outputTokens[agent]!);
  if (id === 'cost') return Number.isNaN(costUsd[agent]!) ? 'unknown' : toUsd(costUsd[agent]!);
  const elapsedMs = store.elapsedMs(agent, nowMs);
  return elapsedMs === 0 ? '–' : toDuration(elapsedMs);
}
