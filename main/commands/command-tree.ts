import { type Command, InvalidArgumentError } from 'commander';
import type { CommandFrame, CommonOptions } from './frame.ts';
import { missingCommand, usageSentence } from './usage.ts';

/** A parsed command line, not yet carried out. */
export interface Chosen {
  readonly options: CommonOptions;
  readonly act: (frame: CommandFrame) => Promise<number>;
}

/** Wrong usage: what to say. */
export class UsageProblem extends Error {}

/** Takes the command that was chosen. */
export type Choose = (chosen: Chosen) => void;

/** A command that only holds others. */
export function group(command: Command, description: string): Command {
  return (
    quiet(command)
      .description(description)
      .helpCommand(false)
      // What is not one of its commands comes here, so that the sentence can name the nearest.
      .allowExcessArguments()
      .allowUnknownOption()
      .action(() => {
        throw new UsageProblem(missingCommand(command, command.args[0]));
      })
  );
}

/** What stands behind each command in the example that its help shows. */
const EXAMPLES: Readonly<Record<string, string>> = {
  run: 'fleet.yaml --set limits.concurrentAgents=8',
  pause: '01M7YWXY1XPY0C55N6N2YC062J',
  resume: '01M7YWXY1XPY0C55N6N2YC062J --budget-tokens 200k',
  stop: '--all --deadline-ms 2000',
  validate: 'fleet.yaml',
  serve: '--port 4700 --open',
  simulate: '--port 9000 --requests-per-min 60',
  status: '',
  'settings list': '',
  'settings get': 'process.maxRunning',
  'settings set': 'process.maxRunning 8',
  'settings history': '--limit 10',
  'settings undo': '',
  'history list': '--limit 5',
  'history show': '01M7YWXY1XPY0C55N6N2YC062J',
  'history search': '"permission denied" --limit 5',
  'history size': '',
  'history verify': '',
  'history export': '01M7YWXY1XPY0C55N6N2YC062J --out run.jsonl',
  'history import': 'run.flotilla',
  'history prune': '--older-than-days 30',
};

/** A command that does something, with the options all of them take. */
export function leaf(parent: Command, name: string, description: string): Command {
  const group = parent.parent ? `${parent.name()} ` : '';
  const example = EXAMPLES[`${group}${name}`];
  return quiet(parent.command(name))
    .addHelpText('after', example === undefined ? '' : `\nExample:\n  flotilla ${group}${name} ${example}`.trimEnd())
    .description(description)
    .option('--data-dir <DIR>', 'history, settings and certificates; the platform’s proper place unless told')
    .option('--json', 'only JSON on standard output, one object a line')
    .option('--no-progress', 'no progress bar');
}

/** Wrong usage becomes one sentence of ours instead of the parser's. */
function quiet(command: Command): Command {
  return command
    .helpOption('--help', 'show this')
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .configureOutput({ outputError: () => undefined })
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : new UsageProblem(usageSentence(error, command));
    });
}

/** A repeatable option. */
export function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/** The one word that `--only` takes. */
export function only(value: string): 'failed' {
  if (value !== 'failed') throw new InvalidArgumentError('--only takes "failed"');
  return value;
}

/** A whole number, 0 and more. */
export function toWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`"${text.slice(0, 40)}" is not a whole number`);
  return Number(text);
}

/** A port to listen on; 0 is any free one. */
export function toPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new InvalidArgumentError(`"${text.slice(0, 40)}" is not a port, 0 to 65535`);
  }
  return Number(text);
}
