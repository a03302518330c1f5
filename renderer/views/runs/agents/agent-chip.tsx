import type { AgentState } from '../../../../shared/model/states.ts';
import type { AgentWish } from '../../../../shared/table/agent-tables.ts';
import { Chip, StateChip } from '../../../ui/chip.tsx';

/** An agent's state, or what it is on the way to while it ends what it does. */
export function AgentChip({ state, wish }: { readonly state: AgentState; readonly wish: AgentWish }) {
  if (wish === 'none') return <StateChip state={state} />;
  return (
    <Chip tone="warn" title={`${state}, until what it does now has ended`}>
      {wish}
    </Chip>
  );
}
