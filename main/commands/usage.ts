import type { Command, CommanderError } from 'commander';
import { findNearestWord } from '../../shared/errors/nearest-word.ts';

/** Wrong usage ends with this, as wrong input does. */
export const USAGE_EXIT = 3;

/** `flotilla settings set KEY VALUE`. */
function usageOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name());
  const values = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '…' : ''}`;
    return argument.required ? name : `[${name}]`;
  });
  return [...names, ...values].join(' ');
}

/** One sentence: what is wrong, and the nearest right command. */
export function usageSentence(error: CommanderError, command: Command): string {
  const [, quoted = ''] = /'([^']*)'/.exec(error.message) ?? [];
  const name = usageOf(command);
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownOption(quoted, command);
    case 'commander.missingArgument':
      return `A value for ${quoted.toUpperCase()} is missing; the command is "${name}".`;
    case 'commander.excessArguments':
      return `There are more arguments than the command takes; it is "${name}".`;
    case 'commander.optionMissingArgument':
      return `The option "${quoted}" needs a value; "${withoutValues(command)} --help" shows how.`;
    case 'commander.invalidArgument':
      return `${error.message.replace(/^error: option '([^ ']+).*?is invalid\. /s, '$1: ')}; the command is "${name}".`;
    default:
      return `${capitalised(error.message.replace(/^error: /, '').split('\n')[0] ?? '')}${error.message.endsWith('.') ? '' : ';'} the command is "${name}".`;
  }
}

/** The command of a group was left out, or `word` stands there and is none. */
export function missingCommand(group: Command, word: string | undefined): string {
  if (word !== undefined) return unknownCommand(word, group);
  const names = group.commands.map((each) => each.name());
  return group.parent
    ? `"${withoutValues(group)}" needs one of ${names.join(', ')}; for example "${usageOf(group.commands[0] as Command)}".`
    : 'Say what to do, for example "flotilla run FILE"; "flotilla --help" lists every command.';
}

function unknownCommand(word: string, group: Command): string {
  const [first] = group.commands;
  if (word.startsWith('-') && first) {
    return `The option "${word.slice(0, 80)}" belongs behind a command; for example "${withoutValues(first)} ${word.slice(0, 80)}".`;
  }
  const near = findNearestWord(
    word,
    group.commands.map((each) => each.name()),
  );
  const right = group.commands.find((each) => each.name() === near);
  const way = right
    ? `did you mean "${right.commands.length > 0 ? withoutValues(right) : usageOf(right)}"?`
    : `"${withoutValues(group)} --help" lists those there are.`;
  return `There is no command "${[...withoutValues(group).split(' ').slice(1), word].join(' ').slice(0, 80)}"; ${way}`;
}

function unknownOption(flag: string, command: Command): string {
  const flags = command.options.flatMap((option) => (option.long ? [option.long] : []));
  const near = findNearestWord(flag, flags);
  const way = near ? `did you mean "${near}"?` : `"${withoutValues(command)} --help" lists those there are.`;
  return `"${withoutValues(command)}" has no option "${flag.slice(0, 80)}"; ${way}`;
}

function withoutValues(command: Command): string {
  return command.parent ? `${withoutValues(command.parent)} ${command.name()}` : command.name();
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
