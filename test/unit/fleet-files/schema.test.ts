import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { BUILT_IN_PROVIDERS as OF_MAIN } from '../../../main/providers/built-in-providers.ts';
import { checkFleet } from '../../../runtime/fleet/read-fleet.ts';
import { BUILT_IN_PROVIDERS } from '../../../shared/fleet/fleet-schema.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const schema = JSON.parse(readFileSync(join(root, 'docs', 'fleet.schema.json'), 'utf8')) as object;
const isValid = new Ajv2020({ strict: false, formats: { uri: true } }).compile(schema);
const everything = readFileSync(join(root, 'test/fixtures/fleets/everything.yaml'), 'utf8');
const path = join(root, 'test/fixtures/fleets/schema.yaml');

const HEAD = 'flotilla: 1\nname: demo\nmodel: sim/default\n';
const AGENT = 'agents: [{ name: a, prompt: Read. }]\n';

test.each([
  ['every key', everything],
  ['the least', HEAD + AGENT],
  ['a command', `${HEAD}agents: [{ kind: command, name: a, command: [echo], prompt: x }]\n`],
  ['http as a number', `${HEAD}${AGENT}providers: { p: { protocol: openai, baseUrl: 'http://x', http: 2 } }\n`],
])('a right file is right for the editor too: %s', async (_what, text) => {
  expect((await checkFleet(text, path)).problems).toEqual([]);
  isValid(parse(text));
  expect(isValid.errors).toBeNull();
});

test.each([
  ['another version', `flotilla: 2\nname: demo\n${AGENT}`],
  ['no name', `flotilla: 1\n${AGENT}`],
  ['no agents', HEAD],
  ['an empty list of agents', `${HEAD}agents: []\n`],
  ['an unknown key', `${HEAD}${AGENT}modle: x\n`],
  ['an unknown key further down', `${HEAD}${AGENT}limits: { minuts: 3 }\n`],
  ['text for a number', `${HEAD}${AGENT}limits: { turns: ten }\n`],
  ['a fraction for a whole number', `${HEAD}${AGENT}limits: { turns: 1.5 }\n`],
  ['a number out of bounds', `${HEAD}${AGENT}limits: { turns: 0 }\n`],
  ['zero minutes', `${HEAD}${AGENT}limits: { minutes: 0 }\n`],
  ['an unknown value', `${HEAD}${AGENT}allow: [fly]\n`],
  ['an unknown kind', `${HEAD}agents: [{ kind: comand, name: a, prompt: x, command: [x] }]\n`],
  ['a command without one', `${HEAD}agents: [{ kind: command, name: a, prompt: x }]\n`],
  ['a key of the other kind', `${HEAD}agents: [{ name: a, prompt: x, command: [x] }]\n`],
  ['an empty prompt', `${HEAD}agents: [{ name: a, prompt: '' }]\n`],
  ['a bad name', `${HEAD}agents: [{ name: 'a b', prompt: x }]\n`],
  ['a bad name of a provider', `${HEAD}${AGENT}providers: { 'p q': { protocol: openai, baseUrl: 'http://x' } }\n`],
  ['another scheme', `${HEAD}${AGENT}providers: { p: { protocol: openai, baseUrl: 'ftp://x' } }\n`],
  ['count and each', `${HEAD}agents: [{ name: a, prompt: x, count: 2, each: { range: { from: 1, to: 2 } } }]\n`],
  ['each without a source', `${HEAD}agents: [{ name: a, prompt: x, each: { limit: 2 } }]\n`],
  ['each with two', `${HEAD}agents: [{ name: a, prompt: x, each: { files: '*', range: { from: 1, to: 2 } } }]\n`],
  ['nothing', '\n'],
])('a wrong file is wrong for the editor too: %s', async (_what, text) => {
  expect((await checkFleet(text, path)).problems).not.toEqual([]);
  expect(isValid(parse(text))).toBe(false);
});

test('every key has a description to show while the file is written', () => {
  const missing: string[] = [];
  const walk = (node: Record<string, unknown>, at: string) => {
    for (const [key, value] of Object.entries((node['properties'] ?? {}) as Record<string, Record<string, unknown>>)) {
      if (typeof value['description'] !== 'string') missing.push(`${at}.${key}`);
    }
    for (const value of Object.values(node)) {
      if (typeof value === 'object' && value !== null) walk(value as Record<string, unknown>, at);
    }
  };
  walk(schema as Record<string, unknown>, '');
  expect(missing).toEqual([]);
});

test('the providers that a file may name are those that can be opened', () => {
  expect(BUILT_IN_PROVIDERS.filter((name) => name !== 'sim').toSorted()).toEqual(
    Object.keys(OF_MAIN)
      .filter((name) => name !== 'sim')
      .toSorted(),
  );
});
