import type { KnownReport } from '../../../../shared/contract/run-schemas.ts';
import { tookMs } from '../../../../shared/model/run-times.ts';
import type { RunProgress } from '../../../../shared/model/run-summary.ts';
import { toCount, toCounted, toDuration, toPercent } from '../../../ui/format.ts';
import { countWhole, toCutShortWord } from './run-model.ts';
import type { TimeLeft } from './time-left-model.ts';

interface ProgressFacts {
  readonly run: RunProgress;
  readonly report: KnownReport | undefined;
  readonly left: TimeLeft | undefined;
}

/** What is said of a run's progress, what matters most first: the end of a line that is too long is not seen. */
export function toProgressFacts({ run, report, left }: ProgressFacts): string[] {
  const facts = [toPercent(run.agents === 0 ? 0 : countWhole(run) / run.agents)];
  // While none has ended, the pace is no more than the present one: nothing is promised.
  if (left)
    facts.push(left.isBound ? `up to ${toDuration(left.ms)} at this pace` : `about ${toDuration(left.ms)} left`);
  if (run.endedAtMs !== undefined) facts.push(`took ${toDuration(tookMs(run, run.endedAtMs))}`);
  const { agentsFailed, agentsAtLimit, agentsCutShort } = run;
  if (agentsFailed > 0) facts.push(`${toCount(agentsFailed)} failed`);
  if (agentsAtLimit > 0) facts.push(`${toCount(agentsAtLimit)} at a limit`);
  if (agentsCutShort > 0) facts.push(`${toCount(agentsCutShort)} ${toCutShortWord(run.state)}`);
  facts.push(toCounted(run.toolCalls, 'tool call'));
  if (report?.lost !== undefined) facts.push(`${toCount(report.lost)} lost`);
  if (report?.duplicated !== undefined) facts.push(`${toCount(report.duplicated)} duplicated`);
  facts.push(`${toCount(run.retries)} retried`);
  if (agentsFailed === 0) facts.push('0 failed');
  return facts;
}
