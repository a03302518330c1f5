import { Ellipsis } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { tookMs } from '../../../../shared/model/run-times.ts';
import { pathTo } from '../../../app/path-to.ts';
import { ShareBar } from '../../../charts/share-bar.tsx';
import { Button } from '../../../ui/button.tsx';
import { StateChip } from '../../../ui/chip.tsx';
import { CutName } from '../../../ui/cut-name.tsx';
import { toCount, toDateTime, toDuration, toPercent, toTokens, toUsd } from '../../../ui/format.ts';
import { Menu, type MenuItem } from '../../../ui/overlays/menu.tsx';
import { countWhole, toCutShortWord, toPossible } from '../page/run-model.ts';
import type { RunCommands } from '../page/use-run.ts';
import type { RunColumn } from './run-columns.ts';
import type { RunRow } from './runs-model.ts';
import styles from './runs-list.module.css';

interface RunRowProps {
  readonly run: RunRow;
  readonly columns: readonly RunColumn[];
  readonly nowMs: number;
  readonly commands: RunCommands;
  readonly onOpen: (runId: string) => void;
}

/** One run in the list. */
export function RunRowView({ run, columns, nowMs, commands, onOpen }: RunRowProps) {
  const trigger = (
    <Button size="small" tone="quiet" aria-label={`Actions for ${run.fleet}`}>
      <Ellipsis aria-hidden="true" />
    </Button>
  );
  return (
    <>
      {columns.map(({ id, isNumber }) => (
        <span key={id} role="cell" data-number={isNumber}>
          {toCell(run, id, nowMs)}
        </span>
      ))}
      <span role="cell" className={styles['menuCell']}>
        <Menu trigger={trigger} items={toItems(run, commands, onOpen)} />
      </span>
    </>
  );
}

function toCell(run: RunRow, id: RunColumn['id'], nowMs: number): ReactNode {
  if (id === 'fleet') {
    return (
      <Link href={pathTo.run(run.runId)} aria-label={run.fleet}>
        <CutName name={run.fleet} />
      </Link>
    );
  }
  if (id === 'state') return <StateChip state={run.state} />;
  if (id === 'started') return toDateTime(run.startedAtMs);
  if (id === 'duration') return toDuration(tookMs(run, nowMs));
  if (id === 'agents') return <AgentsCell run={run} />;
  if (id === 'toolCalls') return toCount(run.toolCalls);
  if (id === 'tokens') return toTokens(run.tokens);
  return (
    <span title={run.isPartlyPriced ? 'The price of some turns is not known.' : undefined}>
      {toUsd(run.costUsd)}
      {run.isPartlyPriced ? ' +' : ''}
    </span>
  );
}

function AgentsCell({ run }: { readonly run: RunRow }) {
  const ratio = run.agents === 0 ? 0 : countWhole(run) / run.agents;
  const whole = `${toCount(countWhole(run))} of ${toCount(run.agents)}`;
  const cutShort = run.agentsCutShort > 0 ? ` · ${toCount(run.agentsCutShort)} ${toCutShortWord(run.state)}` : '';
  const words = `${whole}${run.agentsFailed > 0 ? ` · ${toCount(run.agentsFailed)} failed` : ''}${cutShort}`;
  return (
    <div className={styles['agents']}>
      <span title={words}>
        {whole}
        {run.agentsFailed > 0 ? <b> · {toCount(run.agentsFailed)} failed</b> : null}
        {cutShort}
      </span>
      {run.isLive ? (
        <ShareBar shares={[{ name: 'done', ratio, tone: 'ok' }]} label={`${toPercent(ratio)} of the agents are done`} />
      ) : null}
    </div>
  );
}

function toItems(run: RunRow, commands: RunCommands, onOpen: (runId: string) => void): (MenuItem | 'separator')[] {
  const { canPause, canResume, canStop, canContinue, canRetryFailed } = toPossible(run, run.isLive);
  const { runId, fleet } = run;
  const isCommand = true;
  const items: (MenuItem | 'separator')[] = [{ label: 'Open', run: () => onOpen(runId) }];
  if (canPause) items.push({ label: 'Pause', isCommand, run: () => void commands.pause(runId) });
  if (canResume) items.push({ label: 'Resume', isCommand, run: () => void commands.resume(runId) });
  if (canContinue) items.push({ label: 'Resume', isCommand, run: () => void commands.launch(runId) });
  if (canRetryFailed) {
    items.push({ label: 'Run failed again', isCommand, run: () => void commands.launch(runId, 'failed') });
  }
  if (canStop) {
    items.push('separator');
    items.push({ label: 'Stop…', tone: 'danger', isCommand, run: () => void commands.stop(runId, fleet) });
  }
  return items;
}
