import { describe, expect, test } from 'vitest';
import type { Message } from '../../../shared/model/conversation.ts';
import type { ModelRequest } from '../../../runtime/providers/provider.ts';
import { createAnthropicFormat } from '../../../runtime/providers/wire/anthropic-format.ts';
import { createOpenAiFormat } from '../../../runtime/providers/wire/openai-format.ts';

const CONVERSATION: readonly Message[] = [
  { role: 'user', text: 'Compare both “files” 📄.' },
  {
    role: 'assistant',
    text: 'Reading.',
    toolCalls: [
      { providerCallId: 'a', tool: 'read_file', argumentsJson: '{"path":"1"}' },
      { providerCallId: 'b', tool: 'read_file', argumentsJson: 'not JSON {' },
      { providerCallId: 'c', tool: 'list_files', argumentsJson: '' },
    ],
  },
  { role: 'tool', providerCallId: 'a', tool: 'read_file', text: 'one', failed: false },
  { role: 'tool', providerCallId: 'b', tool: 'read_file', text: 'no such file', failed: true },
  { role: 'tool', providerCallId: 'c', tool: 'list_files', text: '', failed: false },
  { role: 'user', text: 'Go on.' },
  { role: 'assistant', text: '', toolCalls: [] },
  { role: 'user', text: 'And?' },
];

const REQUEST: ModelRequest = {
  model: 'm',
  system: 'Be “brief”.',
  messages: CONVERSATION,
  tools: [{ name: 'read_file', description: 'Reads.', inputSchema: { type: 'object', properties: {} } }],
};

const TOOL = { name: 'read_file', description: 'Reads.' };

describe('an OpenAI-compatible request', () => {
  const format = createOpenAiFormat(new URL('http://127.0.0.1:11434/v1/'));

  test('carries the conversation, calls and results in its form', () => {
    const call = (id: string, name: string, args: string): object => ({
      id,
      type: 'function',
      function: { name, arguments: args },
    });
    expect(JSON.parse(format.toBody(REQUEST))).toEqual({
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      tools: [{ type: 'function', function: { ...TOOL, parameters: { type: 'object', properties: {} } } }],
      messages: [
        { role: 'system', content: 'Be “brief”.' },
        { role: 'user', content: 'Compare both “files” 📄.' },
        {
          role: 'assistant',
          content: 'Reading.',
          tool_calls: [
            call('a', 'read_file', '{"path":"1"}'),
            call('b', 'read_file', '{"unreadable":"not JSON {"}'),
            call('c', 'list_files', '{}'),
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'one' },
        { role: 'tool', tool_call_id: 'b', content: 'no such file' },
        { role: 'tool', tool_call_id: 'c', content: '' },
        { role: 'user', content: 'Go on.' },
        { role: 'assistant', content: '' },
        { role: 'user', content: 'And?' },
      ],
    });
  });

  test('goes to the address as it was given', () => {
    expect(format.path).toBe('/v1/chat/completions');
    expect(createOpenAiFormat(new URL('https://x.example/openai?api-version=1')).path).toBe(
      '/openai/chat/completions?api-version=1',
    );
  });

  test('names the output limit as the server knows it', () => {
    const limited = { ...REQUEST, maxOutputTokens: 7 };
    expect(JSON.parse(format.toBody(limited))).toMatchObject({ max_tokens: 7 });
    const openai = createOpenAiFormat(new URL('https://api.openai.com/v1'));
    expect(JSON.parse(openai.toBody(limited))).toMatchObject({ max_completion_tokens: 7 });
  });

  test('offers no tools where there are none, and says the same twice', () => {
    const bare = format.toBody({ ...REQUEST, tools: [], system: '' });
    expect(JSON.parse(bare)).not.toHaveProperty('tools');
    expect(format.toBody({ ...REQUEST, tools: [], system: '' })).toBe(bare);
  });
});

describe('an Anthropic request', () => {
  const format = createAnthropicFormat(new URL('https://api.anthropic.com'));

  test('carries results in one user message right after their calls, and leaves out what is empty', () => {
    const use = (id: string, name: string, input: object): object => ({ type: 'tool_use', id, name, input });
    const result = (id: string, content: string, failed = {}): object => ({
      type: 'tool_result',
      tool_use_id: id,
      content,
      ...failed,
    });
    expect(JSON.parse(format.toBody(REQUEST))).toEqual({
      model: 'm',
      stream: true,
      max_tokens: 8192,
      system: 'Be “brief”.',
      tools: [{ ...TOOL, input_schema: { type: 'object', properties: {} } }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Compare both “files” 📄.' }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Reading.' },
            use('a', 'read_file', { path: '1' }),
            use('b', 'read_file', { unreadable: 'not JSON {' }),
            use('c', 'list_files', {}),
          ],
        },
        {
          role: 'user',
          content: [
            result('a', 'one'),
            result('b', 'no such file', { is_error: true }),
            result('c', ''),
            { type: 'text', text: 'Go on.' },
            { type: 'text', text: 'And?', cache_control: { type: 'ephemeral' } },
          ],
        },
      ],
    });
  });

  test('asks for the prompt cache only where a next turn is likely', () => {
    expect(format.toBody({ ...REQUEST, tools: [] })).not.toContain('cache_control');
    const results = format.toBody({ ...REQUEST, messages: CONVERSATION.slice(0, 5) });
    expect(JSON.parse(results)).toMatchObject({
      messages: [{}, {}, { content: [{}, {}, { tool_use_id: 'c', cache_control: { type: 'ephemeral' } }] }],
    });
    expect(results.match(/cache_control/g)).toHaveLength(1);
  });

  test.each([
    ['https://api.anthropic.com', '/v1/messages'],
    ['https://api.anthropic.com/v1/', '/v1/messages'],
    ['https://gateway.example/anthropic', '/anthropic/v1/messages'],
  ])('to %s goes to %s', (baseUrl, path) => {
    expect(createAnthropicFormat(new URL(baseUrl)).path).toBe(path);
  });
});
