import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

function pages(): string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const inDocs = docs.filter((file) => file.endsWith('.md')).map((file) => join(root, 'docs', file));
  return [join(root, 'README.md'), join(root, 'CHANGELOG.md'), ...inDocs];
}

/** Relative targets of links: `[text](target)` without its anchor. */
function linksOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.split('#')[0]!)
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

test('every link of the documentation leads to a file that is there', () => {
  const links = pages().flatMap((page) => linksOf(page).map((target) => ({ page, target })));
  expect(links.length).toBeGreaterThan(15);
  const dead = links.filter(({ page, target }) => !existsSync(join(dirname(page), target)));
  expect(dead.map(({ page, target }) => `${relative(root, page)} → ${target}`)).toEqual([]);
});
