import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TEST_FILES } from './observed/every-setting.ts';

test.each([...new Set(Object.values(TEST_FILES))])('the observations of %s are run by a file of their own', (file) => {
  const path = join(import.meta.dirname, `${file}.test.ts`);
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain(`testSettings('${file}');`);
});
