import { z } from 'zod';
import type { Tool, ToolContext } from '../../../../runtime/tools/tool.ts';

const text = z.strictObject({ text: z.string() });

/** A tool of the io lane that answers what it is given, again each time it is called. */
export function echoTool(): Tool {
  return toolOf('echo', text, async ({ text: given }) => given);
}

/** A tool of the io lane that does what a test says. */
export function toolOf<Input>(
  name: string,
  input: z.ZodType<Input>,
  run: (input: Input, context: ToolContext) => Promise<string>,
): Tool {
  const tool: Tool<Input> = {
    name,
    description: `Does what the test says under the name ${name}.`,
    input,
    lane: 'io',
    repeatable: false,
    run: async (given, context) => ({ text: await run(given, context) }),
  };
  return tool;
}
