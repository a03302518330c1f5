import type { FinishedAgent } from '../../../shared/model/run-summary.ts';
import { padTo, toOneLine, widthOf } from '../text-width.ts';
import { toCount } from '../text-table.ts';

/** Agents whose answers are shown after a run, and failures beside them. */
const MAX_SHOWN = 12;

/** A fleet of so few is shown with its whole answers, each of so many lines at most. */
const FEW_AGENTS = 3;
const MAX_LINES = 30;

/** Of an answer that is shown on one line, no more is kept than the widest terminal has. */
const MAX_KEPT_CHARS = 1_000;
const MAX_KEPT_WHOLE_CHARS = 20_000;

const MAX_NAME = 28;

/** Collects what agents answered, in memory bounded by what can be shown. */
export interface AnswerList {
  /** Takes an agent; one that is told again, as after a pause, stands once. */
  add(agent: FinishedAgent): void;
  /** The answers of the first agents of the fleet and why agents failed, each on one line of `columns`. */
  toText(columns: number, showAll: string): string;
}

/** A list for a run of so many agents. */
export function createAnswerList(agents: number): AnswerList {
  const ended = { answered: createFirst(), failed: createFirst() };
  return {
    add(agent) {
      // One that was stopped before it said anything has nothing to show.
      if (agent.stop.kind === 'stopped' && agent.answer.trim() === '') return;
      const isFailed = agent.state === 'failed';
      const limit = agents <= FEW_AGENTS ? MAX_KEPT_WHOLE_CHARS : MAX_KEPT_CHARS;
      ended[isFailed ? 'failed' : 'answered'].add({ ...agent, answer: agent.answer.slice(0, limit) });
    },
    toText(columns, showAll) {
      const { answered, failed } = ended;
      const shown = [...answered.list(), ...failed.list()];
      if (shown.length === 0) return '';
      const widest = Math.max(...shown.map(({ name }) => widthOf(name)));
      const nameWidth = Math.min(widest, MAX_NAME, Math.floor(columns / 3));
      const line = (agent: FinishedAgent): string => toLine(agent, nameWidth, columns);
      const blocks =
        agents <= FEW_AGENTS ? answered.list().map((agent) => toWhole(agent, columns)) : answered.list().map(line);
      const more = answered.count() - answered.list().length;
      if (more > 0) blocks.push(`  … and ${toCount(more)} more: ${showAll}`);
      blocks.push(...failed.list().map(line));
      const moreFailed = failed.count() - failed.list().length;
      if (moreFailed > 0) blocks.push(`  ✗ and ${toCount(moreFailed)} more failed`);
      return blocks.join('\n');
    },
  };
}

/** The first few agents in the order of the fleet, and how many there are. */
function createFirst() {
  const seen = new Set<number>();
  let first: FinishedAgent[] = [];
  return {
    add(agent: FinishedAgent) {
      if (seen.has(agent.agent)) return;
      seen.add(agent.agent);
      if (first.length === MAX_SHOWN && agent.agent > (first.at(-1)?.agent ?? 0)) return;
      first = [...first, agent].toSorted((one, other) => one.agent - other.agent).slice(0, MAX_SHOWN);
    },
    list: () => first,
    count: () => seen.size,
  };
}

function markOf({ state }: FinishedAgent): string {
  if (state === 'failed') return '✗';
  return state === 'done' ? '✓' : '!';
}

function saidBy({ stop, answer, state }: FinishedAgent): string {
  if (stop.kind === 'failed') return stop.message;
  const why = stop.kind === 'limit' ? `(${state}: ${stop.limit}) ` : stop.kind === 'stopped' ? '(stopped) ' : '';
  return `${why}${answer.trim() === '' ? '(no answer)' : answer}`;
}

function toLine(agent: FinishedAgent, nameWidth: number, columns: number): string {
  const name = padTo(toOneLine(agent.name, nameWidth), nameWidth);
  return `  ${markOf(agent)} ${name}  ${toOneLine(
    saidBy(agent)
      .trim()
      .replaceAll(/\s*\n\s*/g, ' · '),
    columns - nameWidth - 7,
  )}`;
}

function toWhole(agent: FinishedAgent, columns: number): string {
  const text = saidBy(agent).trim();
  if (!text.includes('\n')) return toLine(agent, widthOf(agent.name), columns);
  const lines = text.split('\n');
  const shown = lines.slice(0, MAX_LINES).map((line) => `      ${line.trimEnd()}`);
  const more = lines.length - shown.length;
  const end = more > 0 ? [`      … and ${toCount(more)} more lines`] : [];
  return [`  ${markOf(agent)} ${agent.name}`, ...shown, ...end].join('\n');
}
