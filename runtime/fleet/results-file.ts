import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import type { FinishedAgent } from '../../shared/model/run-summary.ts';

/** One JSON line per finished agent, in the order in which they finish. */
export interface ResultsFile extends AsyncDisposable {
  readonly path: string;
  /** Queues a line; lines reach the file in order. */
  add(agent: FinishedAgent): void;
}

/**
 * Opens the results file of a run: empty for a new run, kept for one that is resumed.
 *
 * A line that cannot be written is reported once through `onTrouble`; the run goes on, since history has the answer too.
 *
 * @throws {AppError} RESULTS_NOT_WRITABLE
 */
export async function openResultsFile(
  path: string,
  options: { readonly keep: boolean; readonly onTrouble: (error: Error) => void },
): Promise<ResultsFile> {
  const file: FileHandle = await openFile(path, options.keep);
  let pending: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  let isTroubled = false;
  const writeOut = async (): Promise<void> => {
    const text = pending.join('');
    pending = [];
    if (text === '') return;
    await file.appendFile(text).catch((error: Error) => {
      if (!isTroubled) options.onTrouble(error);
      isTroubled = true;
    });
  };
  return {
    path,
    add(agent) {
      const {
        agent: index,
        name,
        state,
        stop,
        turns,
        toolCalls,
        inputTokens,
        outputTokens,
        costUsd,
        ms,
        answer,
      } = agent;
      const line = {
        agent: name,
        index,
        state,
        stop,
        turns,
        toolCalls,
        tokens: inputTokens + outputTokens,
        costUsd: costUsd ?? null,
        ms: Math.round(ms),
        answer,
      };
      pending.push(`${JSON.stringify(line)}\n`);
      if (pending.length === 1) writing = writing.then(writeOut);
    },
    async [Symbol.asyncDispose]() {
      await writing;
      await file.close();
    },
  };
}

async function openFile(path: string, keep: boolean): Promise<FileHandle> {
  try {
    return await open(path, keep ? 'a' : 'w');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const wayOut = 'make its folder, or name another place under "output:" in the fleet file';
    throw new AppError('RESULTS_NOT_WRITABLE', `The results file "${path}" cannot be opened (${code}): ${wayOut}.`, {
      cause: error,
    });
  }
}
