import type { RunReport } from '../../../shared/model/run-summary.ts';
import { toCount, toDuration, toSize } from '../text-table.ts';

/** What the summary names beside the figures. */
export interface SummaryPlaces {
  readonly dataDir: string;
  readonly resultsPath?: string;
}

/** The end of a run as a table for people. */
export function summaryOf(report: RunReport, { dataDir, resultsPath }: SummaryPlaces): string {
  const perSec = report.ms > 0 ? (report.toolCalls / report.ms) * 1_000 : 0;
  const rate = perSec < 10 ? perSec.toFixed(1) : toCount(Math.round(perSec));
  const { latencyMs } = report;
  const rows: [string, string][] = [
    ['run', `${report.runId} (${report.fleet})`],
    ['state', report.reason === undefined ? report.state : `${report.state}: ${report.reason}`],
    ['agents', `${toCount(report.agents)} (${agentsText(report)})`],
    ['turns', `${toCount(report.turns)} (${toCount(report.retries)} asked again)`],
    [
      'tool calls',
      `${toCount(report.toolCalls)} (${toCount(report.toolCallsFailed)} failed, ${toCount(report.lost)} lost, ${toCount(report.duplicated)} twice)${report.toolCalls > 0 ? `, ${rate} a second` : ''}`,
    ],
    ['tool call time', `p50 ${toTime(latencyMs.p50)}, p99 ${toTime(latencyMs.p99)}`],
    ...cachedRows(report.cached),
    ['tokens', `${toCount(report.inputTokens)} in, ${toCount(report.outputTokens)} out`],
    ['cost', costText(report)],
    ['time', toDuration(report.ms)],
    ['peak memory', toSize(report.peakRssBytes)],
    ...(resultsPath === undefined ? [] : [['results', resultsPath] satisfies [string, string]]),
    ['history', dataDir],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

/** A row that says what cost nothing because it was answered from memory; none when nothing was. */
export function cachedRows(cached: RunReport['cached']): [string, string][] {
  if (cached === undefined || cached.turns + cached.toolCalls === 0) return [];
  return [['from the cache', `${toCount(cached.turns)} turns, ${toCount(cached.toolCalls)} tool calls`]];
}

function agentsText({ agents, agentsDone, agentsFailed, agentsAtLimit, agentsCutShort }: RunReport): string {
  const open = agents - agentsDone;
  const parts = [`${toCount(agentsFailed)} failed`, `${toCount(agentsAtLimit)} at a limit`];
  if (agentsCutShort > 0) parts.push(`${toCount(agentsCutShort)} stopped`);
  return (open > 0 ? [...parts, `${toCount(open)} not finished`] : parts).join(', ');
}

/** What turns have cost, as far as their price is known; what is not known is never shown as nothing. */
export function costText(run: {
  readonly costUsd: number;
  readonly turns: number;
  readonly unpricedTurns: number;
}): string {
  const { costUsd, turns, unpricedTurns } = run;
  const known = costUsd === 0 ? '$0' : `$${costUsd.toFixed(4)}`;
  if (unpricedTurns === 0) return known;
  if (turns === unpricedTurns) return 'unknown';
  return `${known} and ${toCount(unpricedTurns)} ${unpricedTurns === 1 ? 'turn' : 'turns'} of unknown price`;
}

function toTime(ms: number | undefined): string {
  return ms === undefined ? '–' : toDuration(ms);
}
