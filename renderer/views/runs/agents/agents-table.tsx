import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, useMemo, useRef, useState } from 'react';
import { useSize } from '../../../charts/use-size.ts';
import { useNow } from '../../../app/use-now.ts';
import { Button } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { toMinWidth, toTemplate } from '../fit-columns.ts';
import type { AgentCommands } from '../use-agent-commands.ts';
import { AgentsControls, StateFilter } from './agents-controls.tsx';
import { AgentsGrid } from './agents-grid.tsx';
import type { AgentsStore } from './agents-store.ts';
import styles from './agents-table.module.css';
import { type Chosen, type Column, fitColumns } from './columns-model.ts';
import { useItems, useWish, type Wish } from './use-agents.ts';

/** What the table of agents is told. */
export interface AgentsTableProps {
  readonly store: AgentsStore;
  readonly isLive: boolean;
  readonly isStale: boolean;
  readonly selected: number | undefined;
  readonly onOpen: (agent: number) => void;
  readonly onClose: () => void;
  /** Absent where nothing can be done any more. */
  readonly commands: AgentCommands | undefined;
}

/** The widest that a thin scrollbar is: the lines stand beside it, not below. */
const SCROLLBAR_PX = 12;

/** The agents of a run: filtered, sorted, grouped; only the lines in sight are in the page. */
export function AgentsTable(props: AgentsTableProps) {
  const { store, isLive, isStale } = props;
  const { wish, change } = useWish();
  const [chosen, setChosen] = useState<Chosen>({});
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  // The same object while the width is: a row is rendered again only when what it shows is another.
  const inner = width === 0 ? Infinity : width - SCROLLBAR_PX;
  const columns = useMemo(() => fitColumns(inner, chosen), [inner, chosen]);
  const items = useItems(store, wish, { collapsed, isLive });
  // What is not heard of any more is not counted on either.
  const second = Math.floor(useNow(isLive && !isStale ? 1_000 : 2 ** 30) / 1_000);
  const toggle = (title: string): void => {
    const next = new Set(collapsed);
    if (!next.delete(title)) next.add(title);
    setCollapsed(next);
  };
  const isFiltered = wish.text !== '' || wish.states.length > 0;
  return (
    <Panel isFlush label="Agents" className={styles['panel']}>
      <div className={styles['controls']}>
        <AgentsControls {...{ wish, change, columns, chosen }} onChoose={setChosen} />
        <StateFilter {...{ store, wish, change }} />
      </div>
      <div ref={frame} className={styles['frame']} data-stale={isStale}>
        {items.count === 0 ? (
          <NoAgents isFiltered={isFiltered} onClear={() => change({ text: '', states: [] })} />
        ) : (
          <AgentsGrid
            {...props}
            {...{ items, columns, second, toggle }}
            head={<Head {...{ columns, wish, change }} />}
          />
        )}
      </div>
    </Panel>
  );
}

function NoAgents({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) {
  if (!isFiltered) return <Notice title="No agents yet">They appear as soon as the run has planned them.</Notice>;
  return (
    <Notice title="No agent fits the filter" actions={<Button onClick={onClear}>Clear the filter</Button>}>
      Agents change while the run goes on; one that fits later appears by itself.
    </Notice>
  );
}

const Head = memo(function Head({ columns, wish, change }: Wish & { readonly columns: readonly Column[] }) {
  return (
    <div
      role="row"
      aria-rowindex={1}
      className={styles['head']}
      style={{ gridTemplateColumns: toTemplate(columns), minWidth: toMinWidth(columns) }}
    >
      {columns.map(({ id, title, isNumber }) => {
        const isSorted = wish.sort === id;
        const sorted = isSorted ? (wish.isDescending ? 'descending' : 'ascending') : 'none';
        const Arrow = wish.isDescending ? ArrowDown : ArrowUp;
        // Of figures the largest are looked for first.
        const sort = (): void => change({ sort: id, isDescending: isSorted ? !wish.isDescending : isNumber });
        return (
          <span key={id} role="columnheader" aria-sort={sorted} data-number={isNumber}>
            <button type="button" onClick={sort}>
              {title}
              {isSorted ? <Arrow aria-hidden="true" /> : null}
            </button>
          </span>
        );
      })}
      <span role="columnheader">
        <span className="visually-hidden">Actions</span>
      </span>
    </div>
  );
});
