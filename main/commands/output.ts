import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';

/** What a command says, and where. */
export interface Output {
  /** Whether standard output holds JSON lines only. */
  readonly isJson: boolean;
  /** Whether a progress bar may be drawn (on standard error). */
  readonly hasProgress: boolean;
  readonly hasColour: boolean;
  /** A JSON line on standard output; nothing without `--json`. */
  line(type: string, fields: object): void;
  /** The answer in words: on standard output; nothing with `--json`. */
  text(text: string): void;
  /** What happens meanwhile, and warnings: on standard error. */
  note(text: string): void;
  /** `undefined` while standard output takes more, else a promise of it. */
  room(): Promise<void> | undefined;
  /** Called instead of ending at once when whoever reads standard output has closed it. */
  onReaderGone(listener: () => void): void;
  /** Resolves when what was said has been handed over. */
  flush(): Promise<void>;
}

/** What decides how to say it. */
export interface OutputOptions {
  readonly json: boolean;
  readonly progress: boolean;
}

/** Says things through this process's standard output and standard error. */
export function createOutput({ json, progress }: OutputOptions): Output {
  const { stdout, stderr } = process;
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
    hasColour: stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
    line: (type, fields) => void (json && write(`${JSON.stringify({ type, ...fields })}\n`)),
    text: (text) => void (json || write(`${toPlainText(text)}\n`)),
    note: (text) => void stderr.write(`${toPlainText(text)}\n`),
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
