import { useState } from 'react';
import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import type { RunState } from '../../../../shared/model/states.ts';
import { CommandButton } from '../../../ui/command-button.tsx';
import { NumberField } from '../../../ui/fields/number-field.tsx';
import { findSpentBudget } from './run-model.ts';
import styles from './run-page.module.css';
import type { RunCommands } from './use-run.ts';

interface ReasonBannerProps {
  readonly view: RunView;
  readonly commands: RunCommands;
}

/** Why the run does not go on, and the way out; nothing while it does. */
export function ReasonBanner({ view, commands }: ReasonBannerProps) {
  const { run } = view;
  const spent = findSpentBudget(view);
  if (spent) return <BudgetBanner key={run.runId} view={view} commands={commands} part={spent} />;
  if (run.reason === undefined || run.state === 'running' || run.state === 'done') return null;
  const isBad = run.state === 'failed';
  return (
    <div className={styles['banner']} data-tone={isBad ? 'bad' : 'warn'} role={isBad ? 'alert' : 'status'}>
      <div>
        <b>{isBad ? 'The run failed' : `The run is ${run.state}`}</b> {toReasonWords(run.state, run.reason)}
        {isBad ? ' What was done is kept: put right what stands here, then resume the run.' : ''}
      </div>
    </div>
  );
}

/** A pause is told by what it means: a spent budget has a banner of its own, so here a person paused the run. */
function toReasonWords(state: RunState, reason: string): string {
  if (state !== 'paused') return reason;
  return 'Agents finish the turn they are at, then wait and cost nothing. Resume lets them go on where they are.';
}

function BudgetBanner({ view, commands, part }: ReasonBannerProps & { readonly part: 'usd' | 'tokens' }) {
  const now = view.budget[part] ?? 0;
  const [value, setValue] = useState<number | undefined>(now * 2);
  const isMore = value !== undefined && value > now;
  return (
    <div className={styles['banner']} data-tone="warn" role="status">
      <div>
        <b>The budget is spent</b> Agents wait and cost nothing. A higher budget lets them go on where they are.
      </div>
      <form
        className={styles['budget']}
        onSubmit={(event) => {
          event.preventDefault();
          if (isMore) void commands.resume(view.run.runId, { [part]: value });
        }}
      >
        <NumberField
          label={part === 'usd' ? 'New budget in dollars' : 'New budget in tokens'}
          isLabelHidden
          size="small"
          unit={part === 'usd' ? 'dollars' : 'tokens'}
          value={value}
          min={now}
          error={isMore ? undefined : 'More than the budget it has.'}
          onChange={setValue}
        />
        <CommandButton type="submit" size="small" tone="primary" disabled={!isMore} isBusy={commands.isBusy}>
          Raise and resume
        </CommandButton>
      </form>
    </div>
  );
}
