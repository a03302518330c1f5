import progressBars, { type Options } from 'cli-progress';
import type { AgentActivity, RunProgress } from '../../../shared/model/run-summary.ts';
import { toPlainText } from '../output.ts';
import { toCount, toDuration } from '../text-table.ts';
import { padTo, toOneLine, widthOf } from '../text-width.ts';

/** A run at one moment, as the lines show it. */
export interface ProgressPicture {
  readonly progress: RunProgress;
  readonly atWork: readonly AgentActivity[];
  readonly perSec: number;
  readonly nowMs: number;
  readonly columns: number;
}

/** Agents whose work is shown. */
const MAX_SHOWN = 5;

const MAX_NAME = 24;

/** How long an agent must have done the same before its time is shown. */
const SHOW_TIME_MS = 1_000;

/** The live display: the bar, the figures, and what some agents do now; no line wider than the terminal. */
export function progressLines(picture: ProgressPicture): string[] {
  const { progress, columns } = picture;
  // The last column stays free: some terminals wrap when it is filled.
  const width = Math.max(20, columns - 1);
  return [barLine(picture, width), figureLine(progress, picture.perSec, width), ...workLines(picture, width)];
}

function barLine({ progress, perSec }: ProgressPicture, width: number): string {
  const { agentsDone, agents, state } = progress;
  const ratio = agents === 0 ? 1 : agentsDone / agents;
  const leftMs = perSec > 0 ? ((agents - agentsDone) / perSec) * 1_000 : undefined;
  const left = state !== 'running' ? state : leftMs === undefined ? '' : `${toRoundDuration(leftMs)} left`;
  const words = [` ${Math.floor(ratio * 100)} %`, `${toCount(agentsDone)} of ${toCount(agents)} agents`, left];
  const text = words.filter(Boolean).join(' · ');
  const size = Math.max(8, Math.min(30, width - widthOf(text)));
  return toOneLine(`${toBar(ratio, size)}${text}`, width);
}

function toBar(ratio: number, size: number): string {
  // The library's own options are filled in by its bar classes, which draw one line only.
  const options = {
    barsize: size,
    barGlue: '',
    barCompleteString: '█'.repeat(size),
    barIncompleteString: '░'.repeat(size),
  } as Options;
  return progressBars.Format.BarFormat(ratio, options);
}

function figureLine(progress: RunProgress, perSec: number, width: number): string {
  const { agentsRunning, agentsFailed, toolCalls, turns, costUsd } = progress;
  const parts = [
    `${perSec.toFixed(1)}/s`,
    `${toCount(agentsRunning)} at work`,
    `${toCount(agentsFailed)} failed`,
    `${toCount(turns)} turns`,
    `${toCount(toolCalls)} tool calls`,
    ...(costUsd > 0 ? [`$${costUsd.toFixed(4)}`] : []),
  ];
  while (parts.length > 1 && widthOf(parts.join(' · ')) > width) parts.pop();
  return toOneLine(parts.join(' · '), width);
}

function workLines({ progress, atWork, nowMs }: ProgressPicture, width: number): string[] {
  const shown = atWork.slice(0, MAX_SHOWN);
  const nameWidth = Math.min(MAX_NAME, Math.floor(width / 3), Math.max(0, ...shown.map(({ name }) => widthOf(name))));
  const lines = shown.map((agent) => {
    const name = padTo(toOneLine(toPlainText(agent.name), nameWidth), nameWidth);
    const doneMs = nowMs - agent.sinceMs;
    const time = doneMs < SHOW_TIME_MS ? '' : toRoundDuration(doneMs);
    const room = width - nameWidth - 4 - (time === '' ? 0 : time.length + 2);
    const doing = toOneLine(toPlainText(doingOf(agent)), room);
    return time === '' ? `  ${name}  ${doing}` : `  ${name}  ${padTo(doing, room)}  ${time}`;
  });
  const more = progress.agentsRunning - shown.length;
  return more > 0 && shown.length > 0
    ? [...lines, `  ${toOneLine(`… and ${toCount(more)} more at work`, width - 2)}`]
    : lines;
}

function doingOf({ state, detail }: AgentActivity): string {
  if (state === 'asking') return 'asking the model';
  if (state === 'running tools') return detail === undefined ? 'running tools' : toCallText(detail);
  return detail === undefined ? state : `${state}: ${detail}`;
}

/** `read_file main/cli.ts` for `read_file {"path":"main/cli.ts"}`. */
function toCallText(detail: string): string {
  return detail
    .replace(/^(\w+) \{"[^"]*":"?/, '$1 ')
    .replaceAll(/"?,"[^"]*":"?/g, ' ')
    .replace(/"?\}$/, '');
}

/** `0.8 s`, `12 s`, `4 min 05 s`: what changes ten times a second needs no tenths. */
function toRoundDuration(ms: number): string {
  if (ms < 1_000) return '< 1 s';
  return ms < 60_000 ? `${Math.round(ms / 1_000)} s` : toDuration(ms);
}
