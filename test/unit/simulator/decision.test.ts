import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideTurn } from '../../../runtime/providers/simulator/model/decision.ts';
import type { Message } from '../../../shared/model/conversation.ts';
import { ALL_FILE_TOOLS, FILE_TOOLS, memoryTools, play, toTool } from './conversation.ts';

const SURVEY = `Survey the file \`src/x.ts\`.
1. Count its lines, exports, imports and find its longest function with outline_file.
2. Count lines matching \`TODO\` with search_files.
Report lines, exports, imports, todos, longest function.`;

const sample = (): Record<string, string> => ({
  'src/x.ts': "import a from 'a';\nexport const b = 1;\n// TODO one\nfunction parse() {\n  return 1;\n}\n// TODO two\n",
  'src/y.ts': 'export const c = 1;\n',
  'README.md': '# Title\nsecond\nlicense: MIT\n',
});

const callsOf = (prompt: string, tools = ALL_FILE_TOOLS) => play(prompt, tools, memoryTools(sample())).turns;
const answerOf = (prompt: string, files = sample(), tools = ALL_FILE_TOOLS) =>
  play(prompt, tools, memoryTools(files)).answer;

describe('a survey of one file', () => {
  test('calls both tools in one turn and reports their numbers', () => {
    const played = play(SURVEY, ALL_FILE_TOOLS, memoryTools(sample()));
    expect(played.turns).toEqual([
      [
        { tool: 'outline_file', args: { path: 'src/x.ts' } },
        { tool: 'search_files', args: { pattern: 'TODO', path: 'src/x.ts', mode: 'count' } },
      ],
    ]);
    expect(played.answer).toBe('lines: 7\nexports: 1\nimports: 1\ntodos: 2\nlongest function: parse (4 lines)');
  });

  test('reports other numbers of a file that changed', () => {
    const files = { ...sample(), 'src/x.ts': 'export const only = 1;\nexport const two = 2;\n' };
    expect(answerOf(SURVEY, files)).toBe('lines: 2\nexports: 2\nimports: 0\ntodos: 0\nlongest function: none');
  });

  test('calls tools by whatever name they are offered, in any order', () => {
    const rename = { list_files: 'a1', read_file: 'b2', write_file: 'c3', search_files: 'd4', outline_file: 'e5' };
    const tools = ALL_FILE_TOOLS.map((tool) => ({
      ...tool,
      name: rename[tool.name as keyof typeof rename],
    })).toReversed();
    const own = memoryTools(sample());
    const run = Object.fromEntries(Object.entries(rename).map(([from, to]) => [to, own[from]!]));
    const prompt = 'Read the file README.md and search for `TODO` in src/x.ts.';
    expect(play(prompt, tools, run).turns).toEqual([
      [
        { tool: 'b2', args: { path: 'README.md' } },
        { tool: 'd4', args: { pattern: 'TODO', path: 'src/x.ts' } },
      ],
    ]);
  });

  test('follows the description when two tools have swapped their names', () => {
    const swapped = [
      { ...FILE_TOOLS.read, name: 'tool_one' },
      { ...FILE_TOOLS.list, name: 'tool_two' },
    ];
    const own = memoryTools(sample());
    const play1 = play('Read the file README.md.', swapped, {
      tool_one: own['read_file']!,
      tool_two: own['list_files']!,
    });
    const play2 = play(
      'Read the file README.md.',
      [
        { ...swapped[0]!, name: 'tool_two' },
        { ...swapped[1]!, name: 'tool_one' },
      ],
      { tool_two: own['read_file']!, tool_one: own['list_files']! },
    );
    expect(play1.turns[0]![0]!.tool).toBe('tool_one');
    expect(play2.turns[0]![0]!.tool).toBe('tool_two');
  });

  test('says so in place of a number that no result holds', () => {
    expect(answerOf('Outline src/x.ts with outline_file. Report lines, callers.')).toBe('lines: 7\ncallers: unknown');
  });

  test('answers as a JSON object when asked for one', () => {
    const prompt = 'Outline `src/x.ts` with outline_file. Answer as a JSON object: lines, exports.';
    expect(JSON.parse(answerOf(prompt))).toEqual({ lines: 7, exports: 1 });
  });
});

describe('tools that do not fit', () => {
  test.each([
    ['none are offered', []],
    [
      'only tools for something else are',
      [toTool('get_weather', 'Weather of a city', { city: { type: 'string' } }, ['city'])],
    ],
    ['a reading tool is asked to delete', [FILE_TOOLS.read]],
  ])('are not called: %s', (_name, tools) => {
    expect(callsOf('Delete the file README.md.', tools)).toEqual([]);
  });

  test('are not called without an argument they require', () => {
    const played = play('Use read_file to look at it.', [FILE_TOOLS.read], memoryTools({}));
    expect(played).toMatchObject({ turns: [], answer: expect.stringContaining('does not say everything') });
  });

  test('are not called when the prompt forbids them', () => {
    expect(callsOf('Do not use read_file. Read the file README.md.')).toEqual([]);
  });

  test('are only mentioned, not called, in a list of what there is', () => {
    expect(callsOf('You have list_files and read_file. Say hello.')).toEqual([]);
  });
});

describe('arguments', () => {
  const cases: readonly [string, unknown][] = [
    ['Read lines 2 to 3 of README.md.', { path: 'README.md', fromLine: 2, toLine: 3 }],
    ['Read the first 2 lines of `README.md`.', { path: 'README.md', fromLine: 1, toLine: 2 }],
    [
      'Show me matching lines for "second" in README.md with search_files.',
      { pattern: 'second', path: 'README.md', mode: 'matches' },
    ],
    ['Write `hello` to out.txt.', { path: 'out.txt', content: 'hello' }],
    ['Write this to out.txt:\n```\ntwo\nlines\n```', { path: 'out.txt', content: 'two\nlines' }],
    ['Call read_file with {"path": "README.md", "toLine": 1}.', { path: 'README.md', toLine: 1 }],
    ['List the files in src.', { path: 'src' }],
    ['List the files matching `**/*.ts` under src/.', { path: 'src/', glob: '**/*.ts' }],
    ['Search for TODO in src, limit 5.', { pattern: 'TODO', path: 'src', limit: 5 }],
  ];
  test.each(cases)('of "%s" are found', (prompt, expected) => {
    expect(callsOf(prompt)[0]?.[0]?.args).toEqual(expected);
  });

  test('with several values make several calls', () => {
    expect(callsOf('Read README.md, src/x.ts and src/y.ts.')[0]!.map(({ args }) => args)).toEqual([
      { path: 'README.md' },
      { path: 'src/x.ts' },
      { path: 'src/y.ts' },
    ]);
  });

  test('that are names are found for a tool of any kind', () => {
    const weather = toTool('get_weather', 'Get the current weather of a city', { city: { type: 'string' } }, ['city']);
    const played = play('What is the weather in Paris, Rome and Oslo?', [weather], {
      get_weather: ({ city }) => `${String(city)}: 20 degrees`,
    });
    expect(played.turns).toEqual([['Paris', 'Rome', 'Oslo'].map((city) => ({ tool: 'get_weather', args: { city } }))]);
    expect(played.answer).toContain('Oslo: 20 degrees');
  });
});

describe('steps that depend on results', () => {
  test('wait for them and are made for each item', () => {
    expect(callsOf('List the files in src. Then read each of them.')).toEqual([
      [{ tool: 'list_files', args: { path: 'src' } }],
      [
        { tool: 'read_file', args: { path: 'src/x.ts' } },
        { tool: 'read_file', args: { path: 'src/y.ts' } },
      ],
    ]);
  });

  test('add up what the items bring', () => {
    const prompt =
      'Survey the folder `src`. 1. List its files with list_files. 2. Outline each of those files with outline_file. Report files, lines, exports, longest function.';
    expect(answerOf(prompt)).toBe('files: 2\nlines: 8\nexports: 2\nlongest function: parse (4 lines)');
  });

  test('store the answer composed from the steps before', () => {
    const files = sample();
    const played = play('Read src/y.ts and write the result to out.txt.', ALL_FILE_TOOLS, memoryTools(files));
    expect(played.turns.map((turn) => turn.map(({ tool }) => tool))).toEqual([['read_file'], ['write_file']]);
    expect(files['out.txt']).toContain('export const c = 1;');
  });
});

describe('repetition', () => {
  const ok = { read_file: ({ path }: Record<string, unknown>) => `content of ${String(path)}` };

  test('makes exactly as many calls as asked, as many at a time', () => {
    const prompt = 'Call `read_file` 42 times, 6 at a time, with path `notes/<n>.txt`, then say how many succeeded.';
    const played = play(prompt, [FILE_TOOLS.read], ok);
    expect(played.turns.map((turn) => turn.length)).toEqual(Array.from({ length: 7 }, () => 6));
    expect(new Set(played.turns.flat().map(({ args }) => args['path'])).size).toBe(42);
    expect(played.turns[6]![5]!.args).toEqual({ path: 'notes/42.txt' });
    expect(played.answer).toBe('42 of 42 calls succeeded, 0 failed.');
  });

  test.each([
    ['f-<n%3>.txt', ['f-1.txt', 'f-2.txt', 'f-0.txt', 'f-1.txt']],
    ['f-<n+10>.txt', ['f-11.txt', 'f-12.txt', 'f-13.txt', 'f-14.txt']],
    ['f-<nnn>.txt', ['f-001.txt', 'f-002.txt', 'f-003.txt', 'f-004.txt']],
    ['f-{n}.txt', ['f-1.txt', 'f-2.txt', 'f-3.txt', 'f-4.txt']],
    ['same.txt', ['same.txt', 'same.txt', 'same.txt', 'same.txt']],
  ])('writes the number of the call into %s', (path, expected) => {
    const played = play(`Call read_file four times with path \`${path}\`.`, [FILE_TOOLS.read], ok);
    expect(played.turns.flat().map(({ args }) => args['path'])).toEqual(expected);
  });

  test('counts the calls that failed', () => {
    const prompt = 'Call read_file 3 times with path `<n>.txt`, then say how many succeeded.';
    const played = play(prompt, [FILE_TOOLS.read], memoryTools({ '2.txt': 'here' }));
    expect(played.answer).toContain('1 of 3 calls succeeded, 2 failed.');
  });
});

describe('questions', () => {
  test.each([
    ['Read the file README.md and tell me its first line.', 'The first line of README.md is: # Title'],
    ['What is the last line of README.md?', 'The last line of README.md is: license: MIT'],
    ['How many lines does README.md have?', '3 lines'],
    ['Search for TODO in src/x.ts. How many matches are there?', '2 matches'],
    ['Which files are in src?', '2: src/x.ts, src/y.ts'],
    ['What is the license in README.md?', 'license: MIT'],
    ['Read README.md. Does it contain `MIT`?', 'Yes: README.md contains MIT.'],
    ['Read README.md. Does it contain `GPL`?', 'No: GPL is in none of the results.'],
  ])('are answered from results: %s', (prompt, expected) => {
    expect(answerOf(prompt)).toBe(expected);
  });

  test('without results get an answer that speaks of them', () => {
    expect(answerOf('Say hello in a few words.', {}, [])).toMatch(/hello/i);
    expect(answerOf('Reply only with "pong".', {}, [])).toBe('pong');
    expect(answerOf('Number 17', {}, [])).toContain('Number 17');
    expect(answerOf('The shop sells batteries. Answer with one of: energy, battery, food.', {}, [])).toBe('battery');
  });

  test('that follow an answer see the results before it', () => {
    const messages: Message[] = [
      { role: 'user', text: 'Read README.md.' },
      {
        role: 'assistant',
        text: '',
        toolCalls: [{ providerCallId: '1', tool: 'read_file', argumentsJson: '{"path":"README.md"}' }],
      },
      { role: 'tool', providerCallId: '1', tool: 'read_file', text: '# Zebra\nsecond', failed: false },
      { role: 'assistant', text: 'Done.', toolCalls: [] },
      { role: 'user', text: 'Tell me the first line.' },
    ];
    const turn = decideTurn({ system: '', messages, tools: ALL_FILE_TOOLS, toolChoice: 'auto', maxCalls: 8 });
    expect(turn).toEqual({ text: 'The first line of README.md is: # Zebra', calls: [] });
  });
});

describe('what the request allows', () => {
  const ask = (
    toolChoice: Parameters<typeof decideTurn>[0]['toolChoice'],
    maxCalls = 8,
    prompt = 'Read a.txt, b.txt and c.txt.',
  ) =>
    decideTurn({ system: '', messages: [{ role: 'user', text: prompt }], tools: ALL_FILE_TOOLS, toolChoice, maxCalls });

  test('one call at a time is one call', () => {
    expect(ask('auto', 1).calls).toHaveLength(1);
    expect(ask('auto', 8).calls).toHaveLength(3);
  });

  test('no tools means none', () => {
    expect(ask('none').calls).toEqual([]);
  });

  test('a required call is made even when nothing asks for it', () => {
    expect(ask('required', 8, 'Good day!').calls).toHaveLength(1);
    expect(ask({ tool: 'search_files' }, 8, 'Good day!').calls).toMatchObject([{ tool: 'search_files' }]);
  });
});

test('the model comes to an end with a client that rewrites its calls', () => {
  const messages: Message[] = [
    { role: 'user', text: 'Read README.md and src/x.ts.' },
    {
      role: 'assistant',
      text: '',
      toolCalls: [1, 2].map((id) => ({ providerCallId: `${id}`, tool: 'read_file', argumentsJson: '"rewritten"' })),
    },
    { role: 'tool', providerCallId: '1', tool: 'read_file', text: 'one', failed: false },
    { role: 'tool', providerCallId: '2', tool: 'read_file', text: 'two', failed: false },
  ];
  const turn = decideTurn({ system: '', messages, tools: ALL_FILE_TOOLS, toolChoice: 'auto', maxCalls: 8 });
  expect(turn.calls).toEqual([]);
});

test('arguments that come back with other spacing and order are known again', () => {
  const messages: Message[] = [
    { role: 'user', text: 'Search for `TODO` in src/x.ts and read README.md.' },
    {
      role: 'assistant',
      text: '',
      toolCalls: [
        { providerCallId: '1', tool: 'search_files', argumentsJson: '{ "path": "src/x.ts", "pattern": "TODO" }' },
      ],
    },
    { role: 'tool', providerCallId: '1', tool: 'search_files', text: 'matches: 0 in 0 files', failed: false },
  ];
  const turn = decideTurn({ system: '', messages, tools: ALL_FILE_TOOLS, toolChoice: 'auto', maxCalls: 8 });
  expect(turn.calls).toEqual([{ tool: 'read_file', argumentsJson: '{"path":"README.md"}' }]);
});

test('any prompt and any result get the same turn twice, with arguments that are JSON', () => {
  const scrap = fc.constantFrom(
    '`',
    '"',
    "'",
    '{',
    '}',
    '<n>',
    '\n',
    '```',
    '1. ',
    '/',
    '*',
    ': ',
    ', ',
    ' and then ',
    'Report ',
    'each ',
    'read_file',
    ' 3 times ',
    'src/a.ts',
    '⟦0⟧',
    'is it?',
    '🙂',
    '\ud83d',
    'TODO ',
  );
  const text = fc.array(fc.oneof(scrap, fc.string({ maxLength: 6 })), { maxLength: 30 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (prompt, result) => {
      const call = { providerCallId: '1', tool: 'read_file', argumentsJson: '{"path":"a"}' };
      const messages: Message[] = [
        { role: 'user', text: prompt },
        { role: 'assistant', text: '', toolCalls: [call] },
        { role: 'tool', providerCallId: '1', tool: 'read_file', text: result, failed: false },
      ];
      for (const shown of [messages.slice(0, 1), messages]) {
        const conversation = {
          system: '',
          messages: shown,
          tools: ALL_FILE_TOOLS,
          toolChoice: 'auto',
          maxCalls: 8,
        } as const;
        const turn = decideTurn(conversation);
        expect(decideTurn(conversation)).toEqual(turn);
        expect(turn.calls.length).toBeLessThanOrEqual(128);
        for (const made of turn.calls) expect(JSON.parse(made.argumentsJson)).toBeTypeOf('object');
      }
    }),
    { numRuns: 300 },
  );
});
