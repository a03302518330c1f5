import { isAbsolute, relative } from 'node:path';
import process from 'node:process';
import { AppError } from '../../shared/errors/app-error.ts';
import { ERROR_CODES } from '../../shared/errors/error-codes.ts';
import type { FleetProblem } from '../../shared/fleet/fleet-problem.ts';
import type { Output } from './output.ts';

/** Mistakes listed on a terminal; `flotilla validate` lists all. */
const MAX_PROBLEMS_SHOWN = 50;

/** Says what ended a command, in a sentence with the way out, and answers the exit code. A defect's cause goes to the log. */
export async function reportFailure(failure: unknown, dataDir: string, output: Output): Promise<number> {
  const error = toFirstFailure(failure);
  if (error instanceof AppError && (error.code !== 'INTERNAL' || typeof error.details['incidentId'] === 'string')) {
    output.note(error.message);
    for (const line of problemLines(error.details['problems'])) output.note(line);
    return ERROR_CODES[error.code].exit;
  }
  const { logPathOf, openLog } = await import('../boot/log.ts');
  const { ulid } = await import('ulid');
  const incidentId = ulid();
  {
    await using log = openLog(dataDir);
    log.error({ incidentId, err: error, arguments: process.argv.slice(2, 3) }, 'A command failed with a defect');
  }
  output.note(`Something went wrong inside Flotilla (incident ${incidentId}); its cause is in ${logPathOf(dataDir)}.`);
  return ERROR_CODES.INTERNAL.exit;
}

/** What failed first, when closing what was open has failed after it. */
function toFirstFailure(failure: unknown): unknown {
  return failure instanceof SuppressedError ? toFirstFailure(failure.suppressed) : failure;
}

/** `file:line:column message (hint)` for each mistake of a fleet file. */
export function problemLines(problems: unknown): string[] {
  if (!Array.isArray(problems)) return [];
  const known = problems as readonly FleetProblem[];
  const lines = known.slice(0, MAX_PROBLEMS_SHOWN).map(toProblemLine);
  const more = known.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more; "flotilla validate" lists them all`] : lines;
}

function toProblemLine({ file, line, column, message, hint }: FleetProblem): string {
  const shown = isAbsolute(file) ? relative(process.cwd(), file) || file : file;
  return `  ${shown.startsWith('..') ? file : shown}:${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
