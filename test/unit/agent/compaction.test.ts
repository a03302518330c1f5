import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compactMessages, messageChars } from '../../../runtime/agent/compaction.ts';
import type { Message } from '../../../shared/model/conversation.ts';

const user: Message = { role: 'user', text: 'Survey the files.' };
const asks = (id: string): Message => ({
  role: 'assistant',
  text: '',
  toolCalls: [{ providerCallId: id, tool: 'read_file', argumentsJson: '{}' }],
});
const result = (id: string, length: number): Message => ({
  role: 'tool',
  providerCallId: id,
  tool: 'read_file',
  text: 'x'.repeat(length),
  failed: false,
});

test('a conversation that fits is left as it is, the same object', () => {
  const messages = [user, asks('a'), result('a', 300)];
  expect(compactMessages(messages, 1_000)).toEqual({ messages, removedCount: 0, fits: true });
  expect(compactMessages(messages, 1_000).messages).toBe(messages);
});

test('the oldest tool results give way first and say so', () => {
  const messages = [user, asks('a'), result('a', 4_000), asks('b'), result('b', 400), asks('c'), result('c', 400)];
  const { messages: after, removedCount, fits } = compactMessages(messages, 400);
  expect({ removedCount, fits }).toEqual({ removedCount: 1, fits: true });
  expect(after[2]).toMatchObject({
    role: 'tool',
    providerCallId: 'a',
    text: expect.stringMatching(/read_file \(4000 characters\) was removed/) as string,
  });
  expect(after[4]).toBe(messages[4]);
});

test('what the last turn read is never removed, and a conversation that cannot fit says so', () => {
  const messages = [user, asks('a'), result('a', 10_000)];
  expect(compactMessages(messages, 100)).toEqual({ messages, removedCount: 0, fits: false });
});

test('compaction never lengthens a conversation, keeps its order, and every result keeps its call', () => {
  const conversation = fc
    .array(fc.nat({ max: 3_000 }), { maxLength: 30 })
    .map((lengths) => [user, ...lengths.flatMap((length, n) => [asks(String(n)), result(String(n), length)])]);
  fc.assert(
    fc.property(conversation, fc.integer({ min: 1, max: 5_000 }), (messages, windowTokens) => {
      const after = compactMessages(messages, windowTokens);
      const size = (list: readonly Message[]): number => list.reduce((sum, message) => sum + messageChars(message), 0);
      expect(size(after.messages)).toBeLessThanOrEqual(size(messages));
      expect(after.fits).toBe(size(after.messages) <= windowTokens * 4);
      expect(
        after.messages.map((message) => (message.role === 'tool' ? message.providerCallId : message.role)),
      ).toEqual(messages.map((message) => (message.role === 'tool' ? message.providerCallId : message.role)));
    }),
  );
});
