import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMessageLine } from '../../../main/rpc/message-line.ts';

test('any JSON value comes back as it was written', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('__proto__'));
      expect(parseMessageLine(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test.each([
  '{"__proto__":{"isAdmin":true}}',
  '{"a":[{"__proto__":null}]}',
  String.raw`{"\u005f_proto__":{"isAdmin":true}}`,
  String.raw`{"__pr\u006fto__":{"isAdmin":true}}`,
])('%s is no message', (line) => {
  expect(parseMessageLine(line)).toBeUndefined();
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

test('text that only mentions the name is a message', () => {
  expect(parseMessageLine('{"answer":"what is __proto__?"}')).toEqual({ answer: 'what is __proto__?' });
});

test('what is no JSON is no message', () => {
  expect(parseMessageLine('{"a":')).toBeUndefined();
});
