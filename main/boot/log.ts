import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The program's own log, for people who look for a cause; never standard output. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Size at which the log is put aside as `flotilla.log.1`, replacing the one before it. */
const MAX_LOG_BYTES = 10_000_000;

/** Where the log of a data directory lies. */
export function logPathOf(dataDir: string): string {
  return join(dataDir, 'flotilla.log');
}

/**
 * Opens the log when the first line is written, so that a command that has nothing to say touches no file and does
 * not load the logger. A log that cannot be written is given up silently: it must never end the work it describes.
 */
export function openLog(dataDir: string): Log & AsyncDisposable {
  let opened: Promise<Log | undefined> | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  const write = (level: keyof Log) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    opened ??= openFile(dataDir);
    writing = Promise.all([writing, opened.then((log) => log?.[level](fields, message))]);
  };
  return {
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    [Symbol.asyncDispose]: async () => {
      await writing;
    },
  };
}

async function openFile(dataDir: string): Promise<Log | undefined> {
  const path = logPathOf(dataDir);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
    const { pino } = await import('pino');
    const file = pino.destination({ dest: path, sync: true });
    file.on('error', () => undefined);
    const logger = pino({ base: { pid: process.pid }, serializers: { err: pino.stdSerializers.err } }, file);
    return {
      info: (fields, message) => logger.info(fields, message),
      warn: (fields, message) => logger.warn(fields, message),
      error: (fields, message) => logger.error(fields, message),
    };
  } catch {
    return undefined;
  }
}
