import process from 'node:process';
import { parseSimulatorOptions, type SimulatorInput } from '../../runtime/providers/simulator/options.ts';
import { openSimulatorServer } from '../../runtime/providers/simulator/server.ts';
import type { CommandFrame, CommonOptions } from './frame.ts';
import { onInterruption } from './interruption.ts';

/** The command's flags as they are typed; each is checked by the simulated provider's own schema. */
export interface SimulateOptions extends CommonOptions {
  readonly port?: string;
  readonly firstTokenMs?: string;
  readonly firstTokenSpreadMs?: string;
  readonly tokensPerSec?: string;
  readonly requestsPerMin?: string;
  readonly tokensPerMin?: string;
  readonly errorRatio?: string;
  readonly stallRatio?: string;
  readonly disconnectRatio?: string;
  readonly seed?: string;
  readonly http1?: boolean;
  readonly key?: string;
}

const NUMBERS = [
  'port',
  'firstTokenMs',
  'firstTokenSpreadMs',
  'tokensPerSec',
  'requestsPerMin',
  'tokensPerMin',
  'errorRatio',
  'stallRatio',
  'disconnectRatio',
  'seed',
] as const;

/**
 * `flotilla simulate`: the simulated provider in the foreground, until SIGINT or SIGTERM. Answers the exit code.
 *
 * @throws {AppError} INPUT_INVALID, PORT_IN_USE
 */
export async function runSimulate(options: SimulateOptions, { output }: CommandFrame): Promise<number> {
  const parsed = parseSimulatorOptions(toInput(options));
  const asked = Promise.withResolvers<void>();
  using _listening = onInterruption({ stop: () => asked.resolve(), stopNow: () => process.exit(130) });
  await using server = await openSimulatorServer(parsed);
  const { openaiBaseUrl, anthropicBaseUrl, caFile, port } = server;
  output.onReaderGone(() => asked.resolve());
  output.line('simulate.ready', { openaiBaseUrl, anthropicBaseUrl, caFile, port });
  output.text(
    [
      'The simulated provider is ready; Ctrl-C ends it.',
      `  OpenAI clients:     ${openaiBaseUrl}`,
      `  Anthropic clients:  ${anthropicBaseUrl}`,
      '  Models:             sim/default and any other sim/…',
      `  Key:                ${parsed.key === undefined ? 'any' : 'the one given with --key'}`,
      'Clients trust its certificate with:',
      `  export NODE_EXTRA_CA_CERTS=${caFile}`,
    ].join('\n'),
  );
  await asked.promise;
  return 0;
}

function toInput(options: SimulateOptions): SimulatorInput {
  const numbers = NUMBERS.flatMap((name) => {
    const text = options[name];
    // An empty flag would otherwise read as 0.
    return text === undefined ? [] : [[name, text.trim() === '' ? Number.NaN : Number(text)]];
  });
  return {
    ...(Object.fromEntries(numbers) as SimulatorInput),
    ...(options.http1 !== undefined && { http1: options.http1 }),
    ...(options.key !== undefined && { key: options.key }),
  };
}
