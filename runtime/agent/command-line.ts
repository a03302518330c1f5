import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { CommandAgentPlan } from '../../shared/fleet/fleet-plan.ts';

const PROMPT = '{{prompt}}';
const PROMPT_FILE = '{{promptFile}}';

/** A command ready to run. Disposing of it removes the prompt's file. */
export interface PreparedCommand extends AsyncDisposable {
  readonly command: readonly string[];
  readonly input: string | undefined;
}

/**
 * Brings the prompt to where the plan wants it: `{{prompt}}` and `{{promptFile}}` in the command are filled in; a prompt
 * (or its file) that the command does not mention becomes the last argument. The file is readable by its owner only.
 *
 * @throws {AppError} DISK_FULL, DATA_DIR_READ_ONLY when the temporary folder takes no file.
 */
export async function prepareCommand(plan: CommandAgentPlan): Promise<PreparedCommand> {
  const mentions = (mark: string): boolean => plan.command.some((part) => part.includes(mark));
  const isMentioned = mentions(PROMPT) || mentions(PROMPT_FILE);
  const file = plan.promptBy === 'file' || mentions(PROMPT_FILE) ? await writePromptFile(plan.prompt) : undefined;
  const fill = (part: string): string =>
    part.replaceAll(/\{\{(prompt|promptFile)\}\}/g, (mark) => (mark === PROMPT ? plan.prompt : (file?.path ?? mark)));
  const added = { argument: [plan.prompt], file: file ? [file.path] : [], stdin: [] }[plan.promptBy];
  return {
    command: [...plan.command.map(fill), ...(isMentioned ? [] : added)],
    input: plan.promptBy === 'stdin' ? plan.prompt : undefined,
    [Symbol.asyncDispose]: async () => file?.remove(),
  };
}

async function writePromptFile(
  prompt: string,
): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-prompt-'));
    const made = folder;
    const path = join(folder, 'prompt.txt');
    await writeFile(path, prompt, { mode: 0o600 });
    return { path, remove: () => rm(made, { recursive: true, force: true }) };
  } catch (error) {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    const code = isFull ? 'DISK_FULL' : 'DATA_DIR_READ_ONLY';
    const wayOut = isFull ? 'free some space there' : 'make it writable or set TMPDIR to a folder that is';
    throw new AppError(code, `The prompt cannot be written to the temporary folder "${tmpdir()}": ${wayOut}.`, {
      cause: error,
    });
  }
}
