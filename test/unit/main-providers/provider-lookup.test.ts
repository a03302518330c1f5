import { describe, expect, test } from 'vitest';
import { BUILT_IN_PROVIDERS } from '../../../main/providers/built-in-providers.ts';
import { resolveProvider } from '../../../main/providers/provider-lookup.ts';
import { BUILT_IN_PROVIDERS as BUILT_IN_NAMES } from '../../../shared/fleet/fleet-schema.ts';

const MINE = { protocol: 'openai', baseUrl: 'http://gpu.example/v1', http: '1.1', keyFrom: 'GPU_KEY' } as const;

describe('a provider', () => {
  test('is found by name with its key from the environment', () => {
    expect(resolveProvider('openai', {}, { OPENAI_API_KEY: ' sk-1\n' })).toMatchObject({
      name: 'openai',
      key: 'sk-1',
      definition: { protocol: 'openai', baseUrl: 'https://api.openai.com/v1', http: 'auto' },
    });
    expect(resolveProvider('ollama', {}, {})).toMatchObject({
      key: undefined,
      definition: { baseUrl: 'http://127.0.0.1:11434/v1', http: '1.1' },
    });
    expect(resolveProvider('mine', { mine: MINE }, { GPU_KEY: 'k' })).toEqual({
      name: 'mine',
      definition: MINE,
      key: 'k',
    });
  });

  test("of the fleet's own comes before a built-in one of the same name", () => {
    expect(resolveProvider('openai', { openai: MINE }, { GPU_KEY: 'k' }).definition).toBe(MINE);
  });

  test('has its address from the environment where its own tools read it too', () => {
    const environment = { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9999' };
    expect(resolveProvider('anthropic', {}, environment).definition.baseUrl).toBe('http://127.0.0.1:9999');
    const wrong = { ...environment, ANTHROPIC_BASE_URL: 'localhost:9999' };
    expect(() => resolveProvider('anthropic', {}, wrong)).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringContaining('ANTHROPIC_BASE_URL') as string,
      }),
    );
  });

  test.each([{}, { OPENAI_API_KEY: '' }, { OPENAI_API_KEY: '  ' }])(
    'without its key says what to set: %j',
    (environment) => {
      expect(() => resolveProvider('openai', {}, environment)).toThrow(
        expect.objectContaining({
          code: 'PROVIDER_KEY_MISSING',
          message: expect.stringContaining('OPENAI_API_KEY') as string,
        }),
      );
    },
  );

  test.each([
    ['antropic', 'did you mean anthropic?'],
    ['OpenAI', 'did you mean openai?'],
    ['mein', 'did you mean mine?'],
    ['something-else-entirely', 'use one of sim, openai'],
    ['constructor', 'use one of'],
  ])('called %s is unknown: %s', (name, hint) => {
    expect(() => resolveProvider(name, { mine: MINE }, {})).toThrow(
      expect.objectContaining({ code: 'PROVIDER_UNKNOWN', message: expect.stringContaining(hint) as string }),
    );
  });

  test('that fleet files know by name is defined here', () => {
    expect(['sim', ...Object.keys(BUILT_IN_PROVIDERS)].toSorted()).toEqual([...BUILT_IN_NAMES].toSorted());
  });
});
