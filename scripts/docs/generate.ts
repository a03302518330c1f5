// `node scripts/docs/generate.ts` writes the generated pages of docs/; `--check` only compares, and fails when one is out of step.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createErrorPage } from './error-page.ts';
import { createFleetPages } from './fleet-pages.ts';
import type { Page } from './page.ts';
import { createSettingsPage } from './settings-page.ts';

const root = join(import.meta.dirname, '..', '..');
const pages: readonly Page[] = [...createFleetPages(), createErrorPage(), createSettingsPage()];

function isInStep({ path, text }: Page): boolean {
  try {
    return readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n') === text;
  } catch {
    return false;
  }
}

const stale = pages.filter((page) => !isInStep(page));
if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is out of step: run \`node scripts/docs/generate.ts\``);
  console.log(`${pages.length - stale.length} of ${pages.length} generated pages in step`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { path, text } of stale) writeFileSync(join(root, path), text);
  console.log(
    stale.length === 0 ? 'every generated page is in step' : `written: ${stale.map(({ path }) => path).join(', ')}`,
  );
}
