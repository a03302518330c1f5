import { Lexer, parseAllDocuments } from 'yaml';
import { describe, expect, test } from 'vitest';
import { findTooDeep, MAX_YAML_DEPTH } from '../../../shared/fleet/yaml-nesting.ts';

const find = (text: string) => findTooDeep(new Lexer().lex(text));

/** Ways to stand in each other, `depth` levels deep. */
const WAYS: Readonly<Record<string, (depth: number) => string>> = {
  lists: (depth) => '['.repeat(depth),
  'closed lists': (depth) => '['.repeat(depth) + ']'.repeat(depth),
  sections: (depth) => '{a: '.repeat(depth),
  'pairs in lists': (depth) => '[a: '.repeat(depth / 2),
  'lists over lines': (depth) => '[\n'.repeat(depth),
  dashes: (depth) => '- '.repeat(depth),
  'question marks': (depth) => '? '.repeat(depth),
  colons: (depth) => ': '.repeat(depth),
  'sections by indentation': (depth) => Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}a:\n`).join(''),
  'lists in sections': (depth) => Array.from({ length: depth / 2 }, (_, at) => `${'  '.repeat(at)}- a:\n`).join(''),
  'sections with anchors': (depth) =>
    Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}${'&a'.padEnd(40, 'b')} a:\n`).join(''),
};

describe.each(Object.entries(WAYS))('%s', (_, write) => {
  test('as deep as a file may be are let through', () => {
    expect(find(write(MAX_YAML_DEPTH))).toBeUndefined();
  });

  test('that would end the process are found, near the place where they become too many', () => {
    expect(find(write(2_000))).toBeLessThan(write(600).length);
  });

  test('just not found are borne by the parser', () => {
    let depth = MAX_YAML_DEPTH;
    while (depth < 2_000 && find(write(depth + 2)) === undefined) depth += 2;
    expect(depth).toBeLessThan(600);
    const [document] = parseAllDocuments(write(depth), { prettyErrors: false, logLevel: 'silent' }) as never[];
    expect(JSON.stringify((document as { errors: unknown } | undefined)?.errors)).not.toContain('RESOURCE_EXHAUSTION');
  });
});

test('what stands in texts, comments and blocks counts as nothing', () => {
  const deep = '['.repeat(1_000);
  const text = `a: "${deep}"\nb: '${deep}'\n# ${deep}\nc: x${deep}\nd: |\n  ${deep}\n  - ${deep}\n`;
  expect(find(text)).toBeUndefined();
});

test('many values beside each other are no depth', () => {
  expect(find(`a: [${'[],'.repeat(5_000)}]\n`)).toBeUndefined();
  expect(find('- a: 1\n  b: { c: [1, 2] }\n'.repeat(5_000))).toBeUndefined();
  expect(find('---\na: [\n'.repeat(50))).toBeUndefined();
  expect(find('"a" '.repeat(5_000))).toBeUndefined();
  expect(find('&a '.repeat(5_000))).toBeUndefined();
});

test('texts of signs in any order never bring the parser to the end of its stack', () => {
  const signs = [
    '[',
    '{',
    ']',
    '}',
    '- ',
    '? ',
    ': ',
    'a: ',
    '&a ',
    '!t ',
    ', ',
    '\n',
    '\n  ',
    ' ',
    '"b" ',
    'c',
    '|\n',
  ];
  let seed = 1;
  const next = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let round = 0; round < 100; round += 1) {
    // A few signs each time, so that some rounds go deep.
    const chosen = Array.from({ length: 1 + Math.floor(next() * 4) }, () => signs[Math.floor(next() * signs.length)]);
    const text = Array.from({ length: 3_000 }, () => chosen[Math.floor(next() * chosen.length)]).join('');
    if (find(text) !== undefined) continue;
    const documents = parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
    const codes = [documents].flat().flatMap((document) => ('errors' in document ? document.errors : []));
    expect(codes.some(({ code }) => code === 'RESOURCE_EXHAUSTION')).toBe(false);
  }
});
