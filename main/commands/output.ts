import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import { toTypedHere } from './invocation.ts';

/** What a command says, and where. */
export interface Output {
  /** Whether standard output holds JSON lines only. */
  readonly isJson: boolean;
  /** Whether a progress bar may be drawn (on standard error). */
  readonly hasProgress: boolean;
  readonly hasColour: boolean;
  /** A JSON line on standard output; nothing without `--json`. */
  line(type: string, fields: object): void;
  /** Columns of the terminal that standard output or standard error is, else a width that reads well. */
  readonly columns: number;
  /** The answer in words: on standard output; nothing with `--json`. `paint` adds colour, on a terminal only. */
  text(text: string, paint?: Paint): void;
  /** What happens meanwhile, and warnings: on standard error. */
  note(text: string): void;
  /** `undefined` while standard output takes more, else a promise of it. */
  room(): Promise<void> | undefined;
  /** Called instead of ending at once when whoever reads standard output has closed it. */
  onReaderGone(listener: () => void): void;
  /** Resolves when what was said has been handed over. */
  flush(): Promise<void>;
}

/** Adds colour to text in which no control character is left. */
type Paint = (text: string) => string;

/** What decides how to say it. */
export interface OutputOptions {
  readonly json: boolean;
  readonly progress: boolean;
  /** How a command is typed here, for the sentences that name one. */
  readonly invocation: string;
}

/** For a reader that is no terminal. */
const DEFAULT_COLUMNS = 100;

/** Says things through this process's standard output and standard error. */
export function createOutput({ json, progress, invocation }: OutputOptions): Output {
  const { stdout, stderr } = process;
  const hasColour = stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  let onGone = endQuietly;
  let isGone = false;
  stdout.on('error', () => {
    if (!isGone) onGone();
    isGone = true;
  });
  // Nobody reads the warnings: not a reason to end.
  stderr.on('error', () => undefined);
  const write = (text: string): void => {
    if (!isGone) stdout.write(text);
  };
  return {
    isJson: json,
    hasProgress: progress && stderr.isTTY && process.env['TERM'] !== 'dumb' && !process.env['CI'],
    hasColour,
    get columns() {
      return (
        (stdout.isTTY ? stdout.columns : undefined) || (stderr.isTTY ? stderr.columns : undefined) || DEFAULT_COLUMNS
      );
    },
    line: (type, fields) => void (json && write(`${JSON.stringify({ type, ...fields }, withoutNoise)}\n`)),
    text(text, paint) {
      const plain = toPlainText(text);
      if (!json) write(`${paint && hasColour ? paint(plain) : plain}\n`);
    },
    note: (text) => void stderr.write(`${toTypedHere(toPlainText(text), invocation)}\n`),
    room() {
      if (isGone || !stdout.writableNeedDrain) return undefined;
      return new Promise((resolve) => {
        stdout.once('drain', resolve);
        stdout.once('error', () => resolve());
      });
    },
    onReaderGone(listener) {
      onGone = listener;
    },
    async flush() {
      await Promise.all([stdout, stderr].map(handedOver));
    },
  };
}

function endQuietly(): void {
  process.exit(0);
}

/** Text of a model or a program must not move a terminal's cursor or change its title. */
export function toPlainText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

function handedOver(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.write('', () => resolve());
    stream.once('error', () => resolve());
  });
}

/** Digits a figure is told with: more than any clock here is good for, without the noise of binary fractions. */
const FIGURE_DIGITS = 9;

function withoutNoise(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(FIGURE_DIGITS)) : value;
}
