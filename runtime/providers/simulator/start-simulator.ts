import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { AppError, isAppError } from '../../../shared/errors/app-error.ts';
import type { Processes, ProcessResult } from '../../processes/owned-process.ts';
import { parseSimulatorOptions, toSimulatorArguments, type SimulatorInput } from './options.ts';
import type { SimulatorAddress } from './server.ts';

/** A simulated provider in a process of its own; disposing of it ends the process. */
export interface StartedSimulator extends SimulatorAddress, AsyncDisposable {
  /** Resolves when its process has ended, whatever the reason. */
  readonly ended: Promise<void>;
}

const readyLine = z.object({
  type: z.literal('simulate.ready'),
  openaiBaseUrl: z.string(),
  anthropicBaseUrl: z.string(),
  caFile: z.string(),
  port: z.number(),
});
const failedLine = z.object({
  type: z.literal('simulate.failed'),
  code: z.literal('PORT_IN_USE'),
  message: z.string(),
});

/** It says one line; more can only be a defect that repeats itself. */
const MAX_OUTPUT_BYTES = 64 * 1024;
/** Closing its connections and removing its files takes a few milliseconds. */
const STOP_GRACE_MS = 2_000;
/** What a program needs of its surroundings to start at all, on any system. */
const PASSED_ON = ['PATH', 'NODE_COMPILE_CACHE', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'] as const;

/**
 * Starts the simulated provider in a process of its own and answers where it listens. It ends when
 * it is disposed of, when `processes` closes, and when this process dies.
 *
 * @throws {AppError} INPUT_INVALID, PORT_IN_USE, PROVIDER_UNREACHABLE (it ended before it listened), LAUNCHER_LOST,
 * LANE_CLOSED
 */
export async function startSimulator(processes: Processes, input: SimulatorInput = {}): Promise<StartedSimulator> {
  const options = parseSimulatorOptions(input);
  const listening = Promise.withResolvers<SimulatorAddress>();
  let printed = '';
  const running = processes.startModule({
    name: 'flotilla-simulator',
    modulePath: join(import.meta.dirname, 'process.ts'),
    args: ['--exit-with-stdin', `--ca-parent=${tmpdir()}`, ...toSimulatorArguments(options)],
    directory: tmpdir(),
    environment: environment(),
    maxOutputBytes: MAX_OUTPUT_BYTES,
    stopGraceMs: STOP_GRACE_MS,
    onOutput(text) {
      printed += text;
      const end = printed.indexOf('\n');
      const ready = end < 0 ? undefined : readyLine.safeParse(parseLine(printed.slice(0, end)));
      if (ready?.success) listening.resolve(ready.data);
    },
  });
  const ended = running.result.then(
    (result) => listening.reject(toFailure(result)),
    (error: unknown) => listening.reject(error),
  );
  const { openaiBaseUrl, anthropicBaseUrl, caFile, port } = await listening.promise;
  return {
    openaiBaseUrl,
    anthropicBaseUrl,
    caFile,
    port,
    ended,
    async [Symbol.asyncDispose]() {
      await running.stop().catch((error: unknown) => {
        // A lost launcher has ended its programs, which is all that was asked.
        if (!isAppError(error, 'LAUNCHER_LOST')) throw error;
      });
    },
  };
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function toFailure(result: ProcessResult): AppError {
  const failed = failedLine.safeParse(parseLine(result.stderr.trim().split('\n').at(-1) ?? ''));
  if (failed.success) return new AppError(failed.data.code, failed.data.message);
  const message = 'The simulated provider ended before it listened; its last words are in the details of this error.';
  return new AppError('PROVIDER_UNREACHABLE', message, {
    details: { exitCode: result.exitCode, stderr: result.stderr.slice(-2_000) },
  });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
