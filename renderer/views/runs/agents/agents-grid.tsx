import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useCallback, useId, useRef, useState } from 'react';
import { toCount } from '../../../ui/format.ts';
import { AgentRow } from './agent-row.tsx';
import type { AgentsTableProps } from './agents-table.tsx';
import styles from './agents-table.module.css';
import { toMinWidth, toTemplate } from '../fit-columns.ts';
import type { Column } from './columns-model.ts';
import { indexOfAgent, type Item, itemAt, type Items, moveCursor, type Section } from './items-model.ts';

const ROW_PX = 29;
const HEAD_PX = 32;

interface AgentsGridProps extends AgentsTableProps {
  readonly items: Items;
  readonly columns: readonly Column[];
  readonly head: ReactNode;
  /** The wall clock in seconds. */
  readonly second: number;
  readonly toggle: (title: string) => void;
}

/** The cursor stays with its agent or heading when the order changes. */
type Cursor = { readonly agent: number } | { readonly title: string };

/** The lines in sight. One element has the focus and names the line its cursor is on. */
export function AgentsGrid(props: AgentsGridProps) {
  const { items, columns, head, onOpen, onClose, toggle } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<Cursor>();
  // oxlint-disable-next-line react/incompatible-library -- no compiler is used; nothing memoises what it answers
  const lines = useVirtualizer({
    count: items.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
    paddingStart: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
  });
  const open = useCallback(
    (agent: number) => {
      setCursor({ agent });
      onOpen(agent);
    },
    [onOpen],
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = cursor ? indexOf(items, cursor) : -1;
    const item = itemAt(items, index);
    if (event.key === 'Escape') onClose();
    else if (event.key === 'Enter' && item) act(item, open, toggle);
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 2);
    const to = moveCursor(event.key, index, items.count, page);
    if (to === undefined) return;
    event.preventDefault();
    setCursor(toCursor(itemAt(items, to)!));
    lines.scrollToIndex(to);
  };
  const inSight = lines.getVirtualItems();
  const marked = inSight.find(({ index }) => isAt(itemAt(items, index), cursor));
  return (
    <div
      ref={scroller}
      className={styles['grid']}
      role="grid"
      tabIndex={0}
      aria-label="Agents of the run"
      aria-rowcount={items.count + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={marked ? `${id}-${marked.index}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div
        className={styles['lines']}
        style={
          { height: lines.getTotalSize(), minWidth: toMinWidth(columns), '--columns': toTemplate(columns) } as object
        }
      >
        {head}
        {inSight.map(({ index, start }) => {
          const item = itemAt(items, index);
          if (!item) return null;
          const lineId = `${id}-${index}`;
          const hasCursor = isAt(item, cursor);
          return (
            <GridLine
              key={item.kind === 'agent' ? item.agent : `heading ${item.section.title}`}
              of={props}
              {...{ lineId, item, index, start, hasCursor, open }}
            />
          );
        })}
      </div>
    </div>
  );
}

interface GridLineProps {
  readonly of: AgentsGridProps;
  readonly lineId: string;
  readonly item: Item;
  readonly index: number;
  readonly start: number;
  readonly hasCursor: boolean;
  readonly open: (agent: number) => void;
}

function GridLine({ of: props, lineId, item, index, start, hasCursor, open }: GridLineProps) {
  const { store, columns, toggle } = props;
  return (
    <div role="presentation" className={styles['line']} style={{ transform: `translateY(${start}px)` }}>
      {item.kind === 'heading' ? (
        <Heading id={lineId} section={item.section} rowIndex={index + 2} {...{ hasCursor, toggle, columns }} />
      ) : (
        <AgentRow
          id={lineId}
          version={store.rowVersion[item.agent]!}
          agent={item.agent}
          second={store.isFinal(item.agent) ? 0 : props.second}
          rowIndex={index + 2}
          isSelected={props.selected === item.agent}
          onOpen={open}
          commands={props.commands}
          {...{ store, columns, hasCursor }}
        />
      )}
    </div>
  );
}

interface HeadingProps {
  readonly id: string;
  readonly section: Section;
  readonly rowIndex: number;
  readonly hasCursor: boolean;
  readonly columns: readonly Column[];
  readonly toggle: (title: string) => void;
}

function Heading({ id, section, rowIndex, hasCursor, columns, toggle }: HeadingProps) {
  const { title, isCollapsed, from, to } = section;
  const Arrow = isCollapsed ? ChevronRight : ChevronDown;
  return (
    <div id={id} role="row" aria-rowindex={rowIndex} className={styles['heading']} data-cursor={hasCursor}>
      <span role="gridcell" aria-colspan={columns.length + 1}>
        <button type="button" tabIndex={-1} aria-expanded={!isCollapsed} onClick={() => toggle(title)}>
          <Arrow aria-hidden="true" />
          {title} <span>{toCount(to - from)}</span>
        </button>
      </span>
    </div>
  );
}

function indexOf(items: Items, cursor: Cursor): number {
  if ('agent' in cursor) return indexOfAgent(items, cursor.agent);
  return items.sections.find(({ title }) => title === cursor.title)?.at ?? -1;
}

function toCursor(item: Item): Cursor {
  return item.kind === 'agent' ? { agent: item.agent } : { title: item.section.title };
}

function isAt(item: Item | undefined, cursor: Cursor | undefined): boolean {
  if (!item || !cursor) return false;
  if (item.kind === 'agent') return 'agent' in cursor && cursor.agent === item.agent;
  return 'title' in cursor && cursor.title === item.section.title;
}

function act(item: Item, open: (agent: number) => void, toggle: (title: string) => void): void {
  if (item.kind === 'agent') open(item.agent);
  else toggle(item.section.title);
}
