import { describe, expect, test } from 'vitest';
import { ToolCallCollector, type CallFragment } from '../../../runtime/providers/wire/tool-call-collector.ts';

function collect(fragments: readonly CallFragment[]): [id: string, tool: string, json: string][] {
  const collector = new ToolCallCollector();
  for (const fragment of fragments) collector.add(fragment);
  return collector.finish().map((call) => [call.providerCallId, call.tool, call.argumentsJson]);
}

describe('tool calls are put together when a server', () => {
  test('interleaves the pieces of several calls', () => {
    expect(
      collect([
        { index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } },
        { index: 1, id: 'b', function: { name: 'two', arguments: '{"y"' } },
        { index: 0, function: { arguments: ':1}' } },
        { index: 1, function: { arguments: ':2}' } },
      ]),
    ).toEqual([
      ['a', 'one', '{"x":1}'],
      ['b', 'two', '{"y":2}'],
    ]);
  });

  test('repeats id and name in every piece', () => {
    expect(
      collect([
        { index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } },
        { index: 0, id: 'a', function: { name: 'one', arguments: ':1}' } },
      ]),
    ).toEqual([['a', 'one', '{"x":1}']]);
  });

  test('gives every call index 0 and no id', () => {
    expect(
      collect([
        { index: 0, function: { name: 'one', arguments: '{}' } },
        { index: 0, function: { name: 'one', arguments: '{"again":true}' } },
      ]),
    ).toEqual([
      ['call_1', 'one', '{}'],
      ['call_2', 'one', '{"again":true}'],
    ]);
  });

  test('sends neither index nor id, and arguments in pieces', () => {
    expect(
      collect([
        { function: { name: 'one', arguments: '' } },
        { function: { arguments: '{"x":' } },
        { function: { arguments: '1}' } },
        { function: { name: 'two', arguments: '{}' } },
      ]),
    ).toEqual([
      ['call_1', 'one', '{"x":1}'],
      ['call_2', 'two', '{}'],
    ]);
  });

  test('sends the id after the name', () => {
    expect(
      collect([
        { index: 0, function: { name: 'one', arguments: '' } },
        { index: 0, id: 'late', function: { arguments: '{}' } },
      ]),
    ).toEqual([['late', 'one', '{}']]);
  });

  test('gives two calls the same id', () => {
    expect(
      collect([
        { index: 0, id: 'x', function: { name: 'one', arguments: '{}' } },
        { index: 1, id: 'x', function: { name: 'two', arguments: '{}' } },
      ]),
    ).toEqual([
      ['x', 'one', '{}'],
      ['call_2', 'two', '{}'],
    ]);
    const taken = [0, 1].map((index) => ({ index, id: 'call_2', function: { name: 'one', arguments: '{}' } }));
    expect(new Set(collect(taken).map(([id]) => id)).size).toBe(2);
  });

  test('sends arguments as an object, as null or not at all', () => {
    expect(
      collect([
        { index: 0, id: 'a', function: { name: 'one', arguments: { x: 1 } } },
        { index: 1, id: 'b', function: { name: 'two', arguments: null } },
        { index: 2, id: 'c', function: { name: 'three' } },
      ]),
    ).toEqual([
      ['a', 'one', '{"x":1}'],
      ['b', 'two', '{}'],
      ['c', 'three', '{}'],
    ]);
  });
});

test('an answer with more tool calls than its bound is refused', () => {
  const collector = new ToolCallCollector();
  expect(() => {
    for (let index = 0; index < 5_000; index++) collector.add({ index, id: `id${index}`, function: { name: 'one' } });
  }).toThrow(expect.objectContaining({ code: 'PROVIDER_PROTOCOL' }));
});
