import { decideTurn } from '../../../runtime/providers/simulator/model/decision.ts';
import type { Message, ToolSchema } from '../../../shared/model/conversation.ts';

export type ToolRun = (args: Record<string, unknown>) => string;

/** A conversation of the simulated model with tools, played to its end. */
export interface Played {
  readonly answer: string;
  /** The calls of each turn. */
  readonly turns: readonly (readonly { readonly tool: string; readonly args: Record<string, unknown> }[])[];
}

const MAX_TURNS = 40;

export function play(
  prompt: string,
  tools: readonly ToolSchema[],
  run: Readonly<Record<string, ToolRun>>,
  system = '',
): Played {
  const messages: Message[] = [{ role: 'user', text: prompt }];
  const turns: Played['turns'][number][] = [];
  for (let count = 0; count < MAX_TURNS; count += 1) {
    const turn = decideTurn({ system, messages, tools, toolChoice: 'auto', maxCalls: 8 });
    if (turn.calls.length === 0) return { answer: turn.text, turns };
    const calls = turn.calls.map((call, index) => ({ ...call, providerCallId: `${count}-${index}` }));
    messages.push({ role: 'assistant', text: turn.text, toolCalls: calls });
    turns.push(
      calls.map((call) => ({ tool: call.tool, args: JSON.parse(call.argumentsJson) as Record<string, unknown> })),
    );
    for (const call of calls) {
      const own = run[call.tool];
      if (!own) throw new Error(`The model called ${call.tool}, which was not offered.`);
      const { text, failed } = attempt(own, JSON.parse(call.argumentsJson) as Record<string, unknown>);
      messages.push({ role: 'tool', providerCallId: call.providerCallId, tool: call.tool, text, failed });
    }
  }
  throw new Error('The model did not come to an end.');
}

function attempt(run: ToolRun, args: Record<string, unknown>): { text: string; failed: boolean } {
  try {
    return { text: run(args), failed: false };
  } catch (error) {
    return { text: (error as Error).message, failed: true };
  }
}

const text = { type: 'string' };

export function toTool(name: string, description: string, properties: object, required: readonly string[]): ToolSchema {
  return { name, description, inputSchema: { type: 'object', properties, required: [...required] } };
}

/** The file tools as the program offers them. */
export const FILE_TOOLS = {
  list: toTool(
    'list_files',
    'Lists the files under a folder, sorted by path.',
    {
      path: { ...text, description: 'Folder.' },
      glob: { ...text, description: 'Which files.' },
      limit: { type: 'integer' },
    },
    [],
  ),
  read: toTool(
    'read_file',
    'Reads a text file, or a range of its lines.',
    { path: text, fromLine: { type: 'integer' }, toLine: { type: 'integer' } },
    ['path'],
  ),
  write: toTool('write_file', 'Writes a text file.', { path: text, content: text }, ['path', 'content']),
  search: toTool(
    'search_files',
    'Searches files line by line with a regular expression.',
    {
      pattern: text,
      path: text,
      glob: text,
      mode: { type: 'string', enum: ['matches', 'count'] },
      ignoreCase: { type: 'boolean' },
      limit: { type: 'integer' },
    },
    ['pattern'],
  ),
  outline: toTool(
    'outline_file',
    'Measures a source file: lines, exports, imports, todos, functions and the longest of them.',
    { path: text },
    ['path'],
  ),
} as const;

export const ALL_FILE_TOOLS: readonly ToolSchema[] = Object.values(FILE_TOOLS);

/** Tools over files held in memory, answering as the program's tools do. */
export function memoryTools(files: Record<string, string>): Record<string, ToolRun> {
  const get = (path: unknown): string => {
    const content = files[String(path)];
    if (content === undefined) throw new Error(`FILE_NOT_FOUND: ${String(path)} does not exist.`);
    return content;
  };
  const under = (path?: string): string[] =>
    Object.keys(files)
      .filter(
        (name) => path === undefined || path === '.' || name === path || name.startsWith(`${path.replace(/\/$/, '')}/`),
      )
      .toSorted();
  return {
    list_files: ({ path }) => {
      const names = under(path as string | undefined);
      return `files: ${names.length}\n${names.join('\n')}`;
    },
    read_file: ({ path, fromLine, toLine }) => {
      const lines = get(path).replace(/\n$/, '').split('\n');
      const from = Number(fromLine ?? 1);
      const to = Number(toLine ?? lines.length);
      return `lines ${from}-${to} of ${lines.length}\n${lines.slice(from - 1, to).join('\n')}\n`;
    },
    write_file: ({ path, content }) => {
      files[String(path)] = String(content);
      return `wrote ${String(content).length} bytes to ${String(path)} (new)`;
    },
    search_files: ({ pattern, path, mode }) => {
      const names = under(path as string | undefined);
      const expression = new RegExp(String(pattern));
      const hits = names.flatMap((name) =>
        get(name)
          .split('\n')
          .flatMap((line, index) => (expression.test(line) ? [{ name, line, number: index + 1 }] : [])),
      );
      const found = new Set(hits.map((hit) => hit.name));
      const head = `matches: ${hits.length} in ${found.size} files, ${names.length} searched`;
      const rows =
        mode === 'count'
          ? [...found].map((name) => `${name}:${hits.filter((hit) => hit.name === name).length}`)
          : hits.map((hit) => `${hit.name}:${hit.number}:${hit.line}`);
      return [head, ...rows].join('\n');
    },
    outline_file: ({ path }) => {
      const lines = get(path).split('\n');
      const count = (start: RegExp): number => lines.filter((line) => start.test(line)).length;
      return JSON.stringify({
        path,
        language: 'typescript',
        bytes: get(path).length,
        lines: lines.length - 1,
        todos: count(/TODO|FIXME/),
        exports: count(/^export /),
        imports: count(/^import /),
        functions: 1,
        longest: count(/function/) === 0 ? null : { name: 'parse', line: 4, lines: lines.length - 4 },
        outline: [{ name: 'parse', line: 4, lines: lines.length - 4 }],
      });
    },
  };
}
