import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { APP_FOLDER } from '../build/build-app.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The built app with the packages it needs at run time: what electron-builder packs. */
export const STAGE_FOLDER = join(ROOT, '.build', 'package');

interface LockedPackage {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/** Puts `STAGE_FOLDER` together from the built app and from what is installed; asks no registry. */
export function stageApp(): void {
  rmSync(STAGE_FOLDER, { recursive: true, force: true });
  cpSync(APP_FOLDER, STAGE_FOLDER, { recursive: true });
  for (const name of productionPackages()) {
    const from = join(ROOT, name);
    // A package for another system is locked and not installed.
    if (!existsSync(from)) continue;
    cpSync(from, join(STAGE_FOLDER, name), {
      recursive: true,
      // Packages inside of packages have entries of their own.
      filter: (path) => path === from || !path.slice(from.length).includes('node_modules'),
    });
  }
}

function productionPackages(): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, LockedPackage>>;
  };
  const shipped = Object.entries(packages).filter(
    ([name, { dev, devOptional }]) => name !== '' && !dev && !devOptional,
  );
  return shipped.map(([name]) => name);
}
