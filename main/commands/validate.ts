import { checkFleetFile, parseOverrides } from '../../runtime/fleet/read-fleet.ts';
import { toOutline } from '../fleets/fleet-outline.ts';
import { BUILT_IN_NEEDS, toDenials } from '../fleets/preview-warnings.ts';
import type { FleetProblem } from '../../shared/fleet/fleet-problem.ts';

/** Where a command's result goes. */
export interface ValidateOutput {
  /** JSON lines instead of text for people. */
  readonly json: boolean;
  /** Prints one line on standard output. */
  print(line: string): void;
}

/**
 * `flotilla validate FILE`: prints every mistake of a fleet file and answers the exit code, 0 or 3. A tool that
 * is offered and not allowed is a warning: the fleet can be launched.
 *
 * @param set Overrides as `--set` takes them: `limits.turns=5`.
 * @throws {AppError} FLEET_NOT_FOUND, INPUT_INVALID
 */
export async function validate(file: string, output: ValidateOutput, set: readonly string[] = []): Promise<0 | 3> {
  const { problems, plan } = await checkFleetFile({ path: file, overrides: parseOverrides(set) });
  for (const problem of problems) output.print(output.json ? toJsonLine(problem) : toProblemText(problem));
  const warnings = plan ? toDenials(toOutline(plan), BUILT_IN_NEEDS) : [];
  for (const message of warnings)
    output.print(output.json ? JSON.stringify({ type: 'warning', message }) : toPrintable(`warning: ${message}`));
  if (!output.json)
    output.print(
      plan
        ? `${file} is right: ${toCount(plan.agents.length, 'agent')}.`
        : `${file} has ${toCount(problems.length, 'mistake')}.`,
    );
  return plan ? 0 : 3;
}

function toJsonLine({ file, line, column, message, hint }: FleetProblem): string {
  return JSON.stringify({ type: 'problem', file, line, column, message, hint });
}

/** `file:line:column  message`, the line with a caret under the place, and the way out. */
export function toProblemText(problem: FleetProblem): string {
  const { file, line, column, message, hint, sourceLine } = problem;
  const lines = [toPrintable(`${file}:${line}:${column}  ${message}`)];
  if (sourceLine !== undefined && sourceLine.trim() !== '') {
    const number = String(line);
    // A tab stays one, so that the caret stands under its place however wide the terminal shows it.
    const indent = sourceLine.slice(0, column - 1).replaceAll(/[^\t]/g, ' ');
    lines.push(`  ${number} | ${toPrintable(sourceLine)}`, `  ${' '.repeat(number.length)} | ${indent}^`);
  }
  if (hint !== undefined) lines.push(toPrintable(`  hint: ${hint}`));
  return lines.join('\n');
}

/** A file may hold control characters; a terminal must not obey them. */
function toPrintable(text: string): string {
  return text.replaceAll(/(?!\t)\p{Cc}/gu, '\uFFFD');
}

function toCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
