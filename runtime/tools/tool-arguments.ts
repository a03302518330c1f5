import type { z } from 'zod';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Tool } from './tool.ts';

/** Mistakes named in one message; a model mends the first ones and sees the rest then. */
const MAX_MISTAKES = 5;
/** Characters of a mistake that are the model's own words. */
const MAX_QUOTED_CHARS = 200;

/**
 * Reads the arguments a model wrote. Nothing at all is taken for an empty object, which is what some providers send.
 *
 * @throws {AppError} TOOL_ARGUMENTS_INVALID with what is wrong, for the model.
 */
export function parseArguments<Input>(tool: Tool<Input>, argumentsJson: string): Input {
  const parsed = tool.input.safeParse(parseJson(tool.name, argumentsJson));
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const mistakes = issues.slice(0, MAX_MISTAKES).map(toMistake);
  if (issues.length > MAX_MISTAKES) mistakes.push(`and ${issues.length - MAX_MISTAKES} more`);
  throw new AppError('TOOL_ARGUMENTS_INVALID', `The arguments of ${tool.name} do not fit: ${mistakes.join('; ')}.`);
}

function parseJson(tool: string, argumentsJson: string): unknown {
  if (argumentsJson === '') return {};
  try {
    return JSON.parse(argumentsJson) as unknown;
  } catch (error) {
    const reason = (error as Error).message.slice(0, MAX_QUOTED_CHARS);
    throw new AppError('TOOL_ARGUMENTS_INVALID', `The arguments of ${tool} are not JSON: ${reason}.`);
  }
}

function toMistake(issue: z.core.$ZodIssue): string {
  const place = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.').slice(0, MAX_QUOTED_CHARS)}: `;
  return `${place}${issue.message.slice(0, MAX_QUOTED_CHARS)}`;
}
