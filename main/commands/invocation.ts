import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Environment = Readonly<Record<string, string | undefined>>;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a person types in front of a command here: `flotilla`, or npm's way of it in a checkout. */
export function invocationOf(environment: Environment, root: string = ROOT): string {
  const isCheckout = !/[\\/]node_modules[\\/]|\.asar/.test(root);
  const isThroughNpm = ['fleet', 'flotilla'].includes(environment['npm_lifecycle_event'] ?? '');
  return isCheckout && (isThroughNpm || !isInstalled(environment)) ? 'npm run -s flotilla --' : 'flotilla';
}

/** `text` with every quoted `"flotilla …"` as it is typed here. */
export function toTypedHere(text: string, invocation: string): string {
  return invocation === 'flotilla' ? text : text.replaceAll(/(?<=["“])flotilla (?=[a-z-])/g, `${invocation} `);
}

/** An argument as a shell takes it. */
export function toShellWord(argument: string): string {
  return /^[\w@%+=:,./\\~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}

function isInstalled(environment: Environment): boolean {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.some((folder) => ['flotilla', 'flotilla.cmd'].some((name) => isExecutable(join(folder, name))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
