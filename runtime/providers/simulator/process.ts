import { parseArgs } from 'node:util';
import { ERROR_CODES } from '../../../shared/errors/error-codes.ts';
import { isAppError } from '../../../shared/errors/app-error.ts';
import { parseSimulatorOptions } from './options.ts';
import { openSimulatorServer } from './server.ts';

/**
 * The simulated provider as a process of its own: `node process.ts --port 0 …`. One JSON line on
 * standard output says where it listens; it ends on SIGTERM, SIGINT and, with
 * `--exit-with-stdin`, when its standard input closes, and removes its files.
 */
async function main(): Promise<void> {
  const { exitWithStdin, caParent, input } = readArguments(process.argv.slice(2));
  const options = parseSimulatorOptions(input);
  const asked = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    // A utility process has no standard input, and ends with the one that started it.
    if (exitWithStdin && !('parentPort' in process)) process.stdin.once('close', () => resolve()).resume();
  });
  await using server = await openSimulatorServer(options, caParent === undefined ? {} : { caParent });
  const { openaiBaseUrl, anthropicBaseUrl, caFile, port } = server;
  process.stdout.write(
    `${JSON.stringify({ type: 'simulate.ready', openaiBaseUrl, anthropicBaseUrl, caFile, port })}\n`,
  );
  await asked;
}

function readArguments(args: readonly string[]): {
  exitWithStdin: boolean;
  caParent: string | undefined;
  input: Record<string, unknown>;
} {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: text,
      'first-token-ms': text,
      'first-token-spread-ms': text,
      'tokens-per-sec': text,
      'requests-per-min': text,
      'tokens-per-min': text,
      'error-ratio': text,
      'stall-ratio': text,
      'disconnect-ratio': text,
      seed: text,
      key: text,
      http1: flag,
      'exit-with-stdin': flag,
      'ca-parent': text,
    },
  });
  const { 'exit-with-stdin': exitWithStdin = false, 'ca-parent': caParent, ...rest } = values;
  const input = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [
      name.replaceAll(/-(\w)/g, (_whole, letter: string) => letter.toUpperCase()),
      name === 'key' || typeof value === 'boolean' ? value : Number(value),
    ]),
  );
  return { exitWithStdin, caParent, input };
}

try {
  await main();
} catch (error) {
  const known = isAppError(error);
  const code = known ? error.code : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${JSON.stringify({ type: 'simulate.failed', code, message })}\n`);
  process.exitCode = known ? ERROR_CODES[error.code].exit : 70;
} finally {
  // An open standard input would keep the process alive.
  process.stdin.destroy();
}
