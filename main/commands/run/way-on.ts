import type { RunReport } from '../../../shared/model/run-summary.ts';
import type { CommandFrame } from '../frame.ts';

/** Says what a person can do next about a run that has settled, with commands as they are typed here. */
export function sayWayOn(report: RunReport, isOwner: boolean, { output, typed }: CommandFrame): void {
  const { runId, state } = report;
  if (report.lost > 0 || report.duplicated > 0) {
    output.note(
      `${report.lost} tool calls were lost and ${report.duplicated} ran twice; please report this with the file that "${typed(`history export ${runId} --out run.flotilla`)}" writes.`,
    );
  }
  if (state === 'paused') {
    const isTokens = report.reason?.includes('tokens') === true;
    const again = isOwner
      ? `run --resume ${runId} --set ${isTokens ? 'budget.tokens=COUNT' : 'budget.usd=AMOUNT'}`
      : `resume ${runId} ${isTokens ? '--budget-tokens COUNT' : '--budget-usd AMOUNT'}`;
    output.note(
      `${report.reason ?? 'The budget is used up.'} The run is paused and keeps what it has; raise the budget and continue it:\n  ${typed(again)}`,
    );
  } else if (state === 'failed') {
    output.note(`The run could not go on; when the cause is mended, continue it:\n  ${typed(`run --resume ${runId}`)}`);
  } else if (state === 'stopped' || state === 'interrupted') {
    output.note(`What was done is kept; continue it:\n  ${typed(`run --resume ${runId}`)}`);
  } else if (report.agentsFailed > 0) {
    const { agentsFailed, agents } = report;
    output.note(
      `${agentsFailed} of ${agents} agents failed; run them again:\n  ${typed(`run --resume ${runId} --only failed`)}`,
    );
  }
}
