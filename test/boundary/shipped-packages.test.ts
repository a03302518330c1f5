import { expect, test } from 'vitest';
import { readSource } from './source-tree.ts';

interface LockedPackage {
  readonly dev?: boolean;
  readonly license?: string;
  /** The platforms it is for; absent for all. */
  readonly os?: readonly string[];
}

const MAX_PACKAGES = 59;
const LICENCES = /^(?:MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|MPL-2\.0)$/;

const { packages } = JSON.parse(readSource('package-lock.json')) as { packages: Record<string, LockedPackage> };
const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);

test('fewer than 60 packages ship, of those that come in a build per platform one', () => {
  const anywhere = shipped.filter(([, { os }]) => os === undefined);
  const perPlatform = new Set(shipped.filter(([, { os }]) => os !== undefined).map(([path]) => path.split('/').at(-2)));
  expect(anywhere.length).toBeGreaterThan(10);
  expect(anywhere.length + perPlatform.size).toBeLessThanOrEqual(MAX_PACKAGES);
});

test('what ships has a licence that lets it', () => {
  expect(shipped.filter(([, { license = 'none' }]) => !LICENCES.test(license)).map(([path]) => path)).toEqual([]);
});
