import type { Command } from 'commander';
import { type Choose, group, leaf, toWhole } from './command-tree.ts';
import type { CommonOptions } from './frame.ts';

interface PageOptions extends CommonOptions {
  readonly limit: number;
  readonly after?: string;
}

/** Runs and hits on one page. */
const PAGE = 20;

/** Days after which `history prune` lets go of a run unless it is told otherwise. */
const PRUNE_DAYS = 90;

/** Adds `history` and its commands. */
export function addHistory(program: Command, choose: Choose): void {
  const history = group(program.command('history'), 'what was recorded; works with an instance running or not');
  addReading(history, choose);
  addKeeping(history, choose);
}

function addReading(history: Command, choose: Choose): void {
  leaf(history, 'list', 'runs, newest first')
    .option('--limit <N>', 'how many', toWhole, PAGE)
    .option('--after <CURSOR>', 'go on where the page before ended')
    .action((options: PageOptions) =>
      choose({
        options,
        act: async (frame) => (await import('./history/read-history.ts')).listHistory(options, frame),
      }),
    );
  leaf(history, 'show', 'a run with its agents, turns and tool calls')
    .argument('<RUN>')
    .option('--agent <NAME>', 'this agent with its prompt, turns, tool calls and whole answer')
    .action((run: string, options: CommonOptions & { readonly agent?: string }) =>
      choose({
        options,
        act: async (frame) => (await import('./history/read-history.ts')).showHistory(run, options.agent, frame),
      }),
    );
  leaf(history, 'search', 'prompts, answers and tool calls that hold every word, newest first')
    .argument('<TEXT>')
    .option('--limit <N>', 'how many', toWhole, PAGE)
    .option('--after <CURSOR>', 'go on where the page before ended')
    .action((text: string, options: PageOptions) =>
      choose({
        options,
        act: async (frame) => (await import('./history/read-history.ts')).searchHistory(text, options, frame),
      }),
    );
  leaf(history, 'size', 'where the bytes are').action((options: CommonOptions) =>
    choose({ options, act: async (frame) => (await import('./history/read-history.ts')).showHistorySize(frame) }),
  );
  leaf(history, 'verify', 'check the whole database; exit code 1 when something is wrong').action(
    (options: CommonOptions) =>
      choose({ options, act: async (frame) => (await import('./history/read-history.ts')).verifyHistory(frame) }),
  );
}

function addKeeping(history: Command, choose: Choose): void {
  leaf(history, 'export', 'write a run to a file: .flotilla for another history, .jsonl or .csv')
    .argument('<RUN>')
    .requiredOption('--out <FILE>', 'where to write it')
    .action((run: string, options: CommonOptions & { readonly out: string }) =>
      choose({
        options,
        act: async (frame) => (await import('./history/keep-history.ts')).exportHistory(run, options.out, frame),
      }),
    );
  leaf(history, 'import', 'take in a run that "history export" wrote')
    .argument('<FILE>')
    .action((file: string, options: CommonOptions) =>
      choose({ options, act: async (frame) => (await import('./history/keep-history.ts')).importHistory(file, frame) }),
    );
  leaf(history, 'prune', 'delete ended runs and give their space back')
    .option('--older-than-days <N>', 'runs that began before', toWhole, PRUNE_DAYS)
    .action((options: CommonOptions & { readonly olderThanDays: number }) =>
      choose({
        options,
        act: async (frame) => (await import('./history/keep-history.ts')).pruneHistory(options.olderThanDays, frame),
      }),
    );
}
