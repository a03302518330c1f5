import { readFileSync } from 'node:fs';
import type { FinishReason } from '../../runtime/providers/provider.ts';
import type { RequestedCall, Usage } from '../../shared/model/conversation.ts';

/** A stream as a well-known server sends it, and what it says. */
export interface RecordedStream {
  readonly name: string;
  readonly protocol: 'openai' | 'anthropic';
  readonly bytes: Buffer;
  readonly text: string;
  readonly toolCalls: readonly RequestedCall[];
  readonly finish: FinishReason;
  readonly usage: Usage | undefined;
}

const TEXT = 'Grüße aus 東京：你好，世界 👩‍👩‍👧‍👦 and "quotes", \\backslash\\,\na line é 🎌.';
const READ = '{"path":"src/主.ts","from":1,"to":40}';
const SEARCH = '{"pattern":"TODO|FIXME 🚧","glob":"**/*.ts"}';

/** The bytes of `test/fixtures/streams/<name>.sse`. */
export function readStream(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/streams/${name}.sse`, import.meta.url));
}

function toCalls(...ids: readonly [string, string]): RequestedCall[] {
  return [
    { providerCallId: ids[0], tool: 'read_file', argumentsJson: READ },
    { providerCallId: ids[1], tool: 'search_files', argumentsJson: SEARCH },
  ];
}

function record(
  name: string,
  said: Partial<Pick<RecordedStream, 'text' | 'toolCalls' | 'finish' | 'usage'>>,
): RecordedStream {
  return {
    name,
    protocol: name.startsWith('anthropic') ? 'anthropic' : 'openai',
    bytes: readStream(name),
    text: '',
    toolCalls: [],
    finish: 'stop',
    usage: undefined,
    ...said,
  };
}

const OPENAI_USAGE: Usage = { inputTokens: 1_420, outputTokens: 29, cachedInputTokens: 1_280 };

export const RECORDED_STREAMS: readonly RecordedStream[] = [
  record('openai-text', { text: TEXT, usage: OPENAI_USAGE }),
  record('openai-text-escaped', { text: TEXT, usage: OPENAI_USAGE }),
  record('openai-text-crlf', { text: TEXT, usage: OPENAI_USAGE }),
  record('openai-tools', {
    toolCalls: toCalls('call_9pw1qnYScqvGrCH58HWCvFH6', 'call_3SxnKbGdsbV0cOBfWTQjTMNt'),
    finish: 'tool calls',
    usage: { inputTokens: 311, outputTokens: 58, cachedInputTokens: 0 },
  }),
  record('ollama-tools', {
    toolCalls: toCalls('call_4ft8zqel', 'call_m2o0rxgi'),
    finish: 'tool calls',
    usage: { inputTokens: 190, outputTokens: 41 },
  }),
  record('lmstudio-tools', {
    text: 'Einen Moment …',
    toolCalls: toCalls('371426893', '371426894'),
    finish: 'tool calls',
  }),
  record('vllm-text', { text: TEXT, finish: 'output limit', usage: { inputTokens: 88, outputTokens: 15 } }),
  record('llamacpp-text', { text: TEXT, usage: { inputTokens: 70, outputTokens: 13 } }),
  record('gemini-tools', {
    toolCalls: toCalls('call_1', 'call_2'),
    finish: 'tool calls',
    usage: { inputTokens: 120, outputTokens: 40 },
  }),
  record('object-arguments', { toolCalls: toCalls('call_1', 'call_2'), finish: 'tool calls' }),
  record('anthropic-text', {
    text: TEXT,
    usage: { inputTokens: 1_420, outputTokens: 29, cachedInputTokens: 1_180, cacheWriteInputTokens: 100 },
  }),
  record('anthropic-tools', {
    text: 'Ich lese 二 Dateien 📄.',
    toolCalls: [
      ...toCalls('toolu_01T1x1fJ34qAmk2tNTrN7Up6', 'toolu_01A09q90qw90lq917835lq9'),
      { providerCallId: 'toolu_01NoArguments', tool: 'list_files', argumentsJson: '{}' },
    ],
    finish: 'tool calls',
    usage: { inputTokens: 472, outputTokens: 89 },
  }),
];
