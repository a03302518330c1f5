import { Columns3 } from 'lucide-react';
import { memo } from 'react';
import { AGENT_STATES } from '../../../../shared/model/states.ts';
import { Button } from '../../../ui/button.tsx';
import { SegmentedControl } from '../../../ui/fields/segmented-control.tsx';
import { TextField } from '../../../ui/fields/text-field.tsx';
import { toCount } from '../../../ui/format.ts';
import { Menu } from '../../../ui/overlays/menu.tsx';
import type { AgentsStore } from './agents-store.ts';
import styles from './agents-table.module.css';
import { type Chosen, COLUMNS, type Column } from './columns-model.ts';
import type { Wish } from './use-agents.ts';

const GROUPINGS = [
  { value: 'none', label: 'No groups' },
  { value: 'state', label: 'By state' },
  { value: 'name', label: 'By name' },
] as const;

interface AgentsControlsProps extends Wish {
  readonly columns: readonly Column[];
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
}

/** Which agents, in which groups, with which columns; not rendered again when agents change. */
export const AgentsControls = memo(function AgentsControls(props: AgentsControlsProps) {
  const { wish, change, columns, chosen, onChoose } = props;
  const items = COLUMNS.filter(({ id }) => id !== 'agent' && id !== 'state').map(({ id, title }) => {
    const isShown = columns.some((column) => column.id === id);
    return {
      label: `${isShown ? 'Hide' : 'Show'} ${title.toLowerCase()}`,
      run: () => onChoose({ ...chosen, [id]: !isShown }),
    };
  });
  const byWidth = { label: 'As many as fit', run: () => onChoose({}) };
  const trigger = (
    <Button size="small" tone="quiet" aria-label="Choose columns" title="Choose columns">
      <Columns3 aria-hidden="true" />
    </Button>
  );
  return (
    <>
      <div className={styles['filter']}>
        <TextField
          label="Filter agents"
          isLabelHidden
          size="small"
          type="search"
          placeholder="Filter agents"
          value={wish.text}
          onChange={(text) => change({ text })}
        />
      </div>
      <SegmentedControl
        label="Group agents"
        size="small"
        value={wish.groupBy}
        options={GROUPINGS}
        onChange={(groupBy) => change({ groupBy })}
      />
      <Menu trigger={trigger} items={[byWidth, 'separator', ...items]} />
    </>
  );
});

/** A switch for each state that any agent is in, with how many are. */
export function StateFilter({ store, wish, change }: Wish & { readonly store: AgentsStore }) {
  const toggle = (code: number): void => {
    const isOn = wish.states.includes(code);
    change({ states: isOn ? wish.states.filter((other) => other !== code) : [...wish.states, code] });
  };
  return (
    <div className={styles['states']} role="group" aria-label="Filter by state">
      {AGENT_STATES.map((state, code) => {
        const isOn = wish.states.includes(code);
        const count = store.countByState[code]!;
        if (count === 0 && !isOn) return null;
        return (
          <button
            key={state}
            type="button"
            className={styles['stateToggle']}
            aria-pressed={isOn}
            data-state={state}
            onClick={() => toggle(code)}
          >
            {state} <b>{toCount(count)}</b>
          </button>
        );
      })}
    </div>
  );
}
