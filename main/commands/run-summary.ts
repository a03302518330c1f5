import type { RunReport } from '../../shared/model/run-summary.ts';
import { toCount, toDuration, toSize } from './text-table.ts';

/** What the summary names beside the figures. */
export interface SummaryPlaces {
  readonly dataDir: string;
  readonly resultsPath?: string;
}

/** The end of a run as a table for people. */
export function summaryOf(report: RunReport, { dataDir, resultsPath }: SummaryPlaces): string {
  const { latencyMs } = report;
  const known = report.turns > report.unpricedTurns ? `$${report.costUsd.toFixed(4)}` : 'unknown';
  const cost =
    report.unpricedTurns === 0
      ? `$${report.costUsd.toFixed(4)}`
      : report.turns === report.unpricedTurns
        ? 'unknown'
        : `${known} and ${toCount(report.unpricedTurns)} turns of unknown price`;
  const perSec = report.ms > 0 ? (report.toolCalls / report.ms) * 1_000 : 0;
  const rows: [string, string][] = [
    ['run', `${report.runId} (${report.fleet})`],
    ['state', report.reason === undefined ? report.state : `${report.state}: ${report.reason}`],
    [
      'agents',
      `${toCount(report.agents)} (${toCount(report.agentsFailed)} failed, ${toCount(report.agentsAtLimit)} at a limit)`,
    ],
    ['turns', `${toCount(report.turns)} (${toCount(report.retries)} asked again)`],
    [
      'tool calls',
      `${toCount(report.toolCalls)} (${toCount(report.toolCallsFailed)} failed, ${toCount(report.lost)} lost, ${toCount(report.duplicated)} twice), ${toCount(Math.round(perSec))} a second`,
    ],
    ['tokens', `${toCount(report.inputTokens)} in, ${toCount(report.outputTokens)} out`],
    ['cost', cost],
    ['tool call time', `p50 ${toTime(latencyMs.p50)}, p99 ${toTime(latencyMs.p99)}`],
    ['time', toDuration(report.ms)],
    ['peak memory', toSize(report.peakRssBytes)],
    ...(resultsPath === undefined ? [] : [['results', resultsPath] satisfies [string, string]]),
    ['history', `${dataDir}  (flotilla history show ${report.runId})`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return ['', ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`), ''].join('\n');
}

function toTime(ms: number | undefined): string {
  return ms === undefined ? '–' : toDuration(ms);
}
