import { Ellipsis } from 'lucide-react';
import { Link } from 'wouter';
import { tookMs } from '../../../../shared/model/run-times.ts';
import { pathTo } from '../../../app/path-to.ts';
import { ShareBar } from '../../../charts/share-bar.tsx';
import { Button } from '../../../ui/button.tsx';
import { StateChip } from '../../../ui/chip.tsx';
import { toCount, toDateTime, toDuration, toPercent, toTokens, toUsd } from '../../../ui/format.ts';
import { Menu, type MenuItem } from '../../../ui/overlays/menu.tsx';
import { countWhole, toCutShortWord, toPossible } from '../page/run-model.ts';
import type { RunCommands } from '../page/use-run.ts';
import type { RunRow } from './runs-model.ts';
import styles from './runs-list.module.css';

interface RunRowProps {
  readonly run: RunRow;
  readonly nowMs: number;
  readonly commands: RunCommands;
  readonly onOpen: (runId: string) => void;
}

/** One run in the list. */
export function RunRowView({ run, nowMs, commands, onOpen }: RunRowProps) {
  const ratio = run.agents === 0 ? 0 : countWhole(run) / run.agents;
  const whole = `${toCount(countWhole(run))} of ${toCount(run.agents)}`;
  const cutShort = run.agentsCutShort > 0 ? ` · ${toCount(run.agentsCutShort)} ${toCutShortWord(run.state)}` : '';
  const words = `${whole}${run.agentsFailed > 0 ? ` · ${toCount(run.agentsFailed)} failed` : ''}${cutShort}`;
  const trigger = (
    <Button size="small" tone="quiet" aria-label={`Actions for ${run.fleet}`}>
      <Ellipsis aria-hidden="true" />
    </Button>
  );
  return (
    <>
      <span role="cell">
        <Link href={pathTo.run(run.runId)}>{run.fleet}</Link>
      </span>
      <span role="cell">
        <StateChip state={run.state} />
      </span>
      <span role="cell">{toDateTime(run.startedAtMs)}</span>
      <span role="cell" data-number="true">
        {toDuration(tookMs(run, nowMs))}
      </span>
      <span role="cell" className={styles['agents']}>
        <span title={words}>
          {whole}
          {run.agentsFailed > 0 ? <b> · {toCount(run.agentsFailed)} failed</b> : null}
          {cutShort}
        </span>
        {run.isLive ? (
          <ShareBar
            shares={[{ name: 'done', ratio, tone: 'ok' }]}
            label={`${toPercent(ratio)} of the agents are done`}
          />
        ) : null}
      </span>
      <span role="cell" data-number="true">
        {toCount(run.toolCalls)}
      </span>
      <span role="cell" data-number="true">
        {toTokens(run.tokens)}
      </span>
      <span
        role="cell"
        data-number="true"
        title={run.isPartlyPriced ? 'The price of some turns is not known.' : undefined}
      >
        {toUsd(run.costUsd)}
        {run.isPartlyPriced ? ' +' : ''}
      </span>
      <span role="cell" className={styles['menuCell']}>
        <Menu trigger={trigger} items={toItems(run, commands, onOpen)} />
      </span>
    </>
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
