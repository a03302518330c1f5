import { openHistoryReader } from '../../history/reader/open-reader.ts';
import type { HistoryReader } from '../../history/history.ts';
import type { RunRecord } from '../../history/history-records.ts';
import { catchUpWords } from '../../history/store/word-catch-up.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { tookMs } from '../../../shared/model/run-times.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { CommandFrame } from '../frame.ts';
import type { Output } from '../output.ts';
import { cachedRows, costText } from '../run/run-summary.ts';
import { toOneLine } from '../text-width.ts';
import { settleAbandonedRuns } from './abandoned-runs.ts';
import { toCount, toDuration, toSize, toTable } from '../text-table.ts';

/** A search waits this long at most for rows that are not indexed yet. */
const CATCH_UP_MS = 2_000;

/** `history list`: runs, newest first. */
export async function listHistory(
  options: { readonly limit: number; readonly after?: string },
  { dataDir, output, typed }: CommandFrame,
): Promise<number> {
  await using reader = await openHistoryReader({ dataDir });
  await settleAbandonedRuns(reader, dataDir);
  const { runs, next } = await reader.listRuns(options);
  for (const run of runs) output.line('run', run);
  if (runs.length === 0) output.text(`No runs are recorded in ${dataDir}.`);
  else {
    const nowMs = systemClock.nowMs();
    const rows = runs.map((run) => [
      run.runId,
      run.fleet,
      run.state,
      toUtc(run.startedAtMs),
      toCount(run.agents),
      toCount(run.failed),
      toCount(run.toolCalls),
      toDuration(tookMs(run, nowMs)),
    ]);
    output.text(toTable(['run', 'fleet', 'state', 'started (UTC)', 'agents', 'failed', 'tool calls', 'time'], rows));
  }
  if (next !== undefined) output.note(`More: ${typed(`history list --after ${next}`)}`);
  return 0;
}

/** `history show RUN`: the run with its agents, turns and tool calls; in words the run and its agents. */
export async function showHistory(
  run: string,
  agent: string | undefined,
  { dataDir, output }: CommandFrame,
): Promise<number> {
  await using reader = await openHistoryReader({ dataDir });
  await settleAbandonedRuns(reader, dataDir);
  const record = await reader.getRun(run);
  const { runId } = record;
  const { ms, latencyMs, cached } = await reader.report(runId);
  output.line('run', { ...record, ms, latencyMs, cached });
  output.text(
    toTable(
      ['run', runId],
      [
        ['fleet', `${record.fleet} (${record.fleetPath})`],
        ['state', record.reason === undefined ? record.state : `${record.state}: ${record.reason}`],
        ['launched (UTC)', toUtc(record.startedAtMs)],
        ['agents', `${toCount(record.agents)}, ${toCount(record.failed)} failed${cutShortText(record)}`],
        ['turns', toCount(record.turns)],
        ['tool calls', `${toCount(record.toolCalls)}, ${timesText(latencyMs)}`],
        ...cachedRows(cached),
        ['tokens', `${toCount(record.inputTokens)} in, ${toCount(record.outputTokens)} out`],
        ['cost', costText(record)],
        ['settings', `version ${record.settingsVersion}`],
        ['time', toDuration(ms)],
      ],
    ),
  );
  if (output.isJson) await printLines(reader, runId, output);
  else if (agent === undefined) await printAgents(reader, runId, output);
  else await printAgent(reader, runId, agent, output);
  return 0;
}

function toUtc(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}

function cutShortText({ cutShort, state }: Pick<RunRecord, 'cutShort' | 'state'>): string {
  return cutShort === 0 ? '' : `, ${toCount(cutShort)} ${state === 'interrupted' ? 'interrupted' : 'stopped'}`;
}

function timesText({ p50, p99 }: { p50: number | undefined; p99: number | undefined }): string {
  return p50 === undefined || p99 === undefined ? 'none finished' : `p50 ${toDuration(p50)}, p99 ${toDuration(p99)}`;
}

async function printLines(reader: HistoryReader, runId: string, output: CommandFrame['output']): Promise<void> {
  for await (const session of reader.sessions(runId)) {
    output.line('session', session);
    await output.room();
  }
  for await (const turn of reader.turns(runId)) {
    output.line('turn', turn);
    await output.room();
  }
  for await (const call of reader.toolCalls(runId)) {
    output.line('toolCall', call);
    await output.room();
  }
}

async function printAgents(reader: HistoryReader, runId: string, output: CommandFrame['output']): Promise<void> {
  output.text('');
  for await (const { name, state, reason, answer } of reader.sessions(runId)) {
    const said = (answer === '' ? (reason ?? '') : answer).trim().replaceAll(/\s*\n\s*/g, ' · ');
    output.text(toOneLine(`${name} · ${state} · ${said}`, output.columns - 1));
    await output.room();
  }
}

/** One agent with its prompt, turns and tool calls, and its whole answer. */
async function printAgent(reader: HistoryReader, runId: string, wanted: string, output: Output): Promise<void> {
  for await (const { agent, name, state, reason, prompt, answer } of reader.sessions(runId)) {
    if (name !== wanted) continue;
    output.text(`\n${name}  ${state}${reason === undefined ? '' : `: ${reason}`}\n\nprompt\n${prompt.trimEnd()}\n`);
    for await (const { turn, attempt, model, ms, cached } of reader.turns(runId, agent)) {
      const took = cached ? 'from the cache' : ms === undefined ? '' : toDuration(ms);
      output.text(`turn ${turn}, attempt ${attempt}  ${model}  ${took}`);
    }
    for await (const call of reader.toolCalls(runId, agent)) {
      const head = `${call.tool} ${call.arguments} · ${call.state}${call.cached ? ' · from the cache' : ''}`;
      output.text(`  ${toOneLine(head, output.columns - 3)}`);
      output.text(`    ${toOneLine(`→ ${call.output ?? call.error?.message ?? ''}`, output.columns - 5)}`);
    }
    output.text(`\nanswer\n${answer}`);
    return;
  }
  throw new AppError(
    'INPUT_INVALID',
    `The run has no agent "${wanted.slice(0, 80)}"; "flotilla history show ${runId}" lists them.`,
  );
}

/** `history search TEXT`: rows that hold every word, newest first. */
export async function searchHistory(
  text: string,
  options: { readonly limit: number; readonly after?: string },
  { dataDir, output }: CommandFrame,
): Promise<number> {
  await using reader = await openHistoryReader({ dataDir });
  let page = await reader.search(text, options);
  if (page.wordLag > 0) {
    catchUpWords(dataDir, systemClock, CATCH_UP_MS);
    page = await reader.search(text, options);
  }
  for (const hit of page.hits) {
    output.line('hit', hit);
    const place = hit.call === undefined ? hit.what : `${hit.tool} ${hit.agent}-${hit.call}`;
    output.text(`${hit.runId}  agent ${hit.agent}  ${place}\n    ${hit.text.replaceAll(/\s+/g, ' ')}`);
  }
  if (page.hits.length === 0) output.text('Nothing recorded holds all of these words.');
  if (page.wordLag > 0)
    output.note(`Up to ${toCount(page.wordLag)} rows are not in the word index yet; search again in a moment.`);
  if (page.next !== undefined) output.note(`More: history search … --after ${page.next}`);
  return 0;
}

/** `history size`: where the bytes are. */
export async function showHistorySize({ dataDir, output }: CommandFrame): Promise<number> {
  await using reader = await openHistoryReader({ dataDir });
  const tables = await reader.size();
  for (const table of tables) output.line('size', table);
  output.text(
    tables.length === 0
      ? `No history is in ${dataDir} yet.`
      : toTable(
          ['table', 'size'],
          tables.map(({ table, bytes }) => [table, toSize(bytes)]),
        ),
  );
  return 0;
}

/** `history verify`: exit code 1 when something is wrong. */
export async function verifyHistory({ dataDir, output }: CommandFrame): Promise<number> {
  await using reader = await openHistoryReader({ dataDir });
  const problems = await reader.verify();
  output.line('verify', { ok: problems.length === 0, problems });
  output.text(problems.length === 0 ? 'The history is sound.' : problems.join('\n'));
  return problems.length === 0 ? 0 : 1;
}
