import { fetchElectron, findElectron, findFailure } from './electron-binary.ts';

/** How the screens are shown: in Electron's window, or served, and why. */
export type Way = { readonly electron: string } | { readonly reason: string };

/** What the choice depends on. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The `node_modules` that Electron lies in. */
  readonly modules: string;
  readonly nowMs: number;
  /** How long a start waits for a download of Electron. */
  readonly fetchLimitMs: number;
  /** Told once, before a download begins. */
  readonly say: (line: string) => void;
}

/** Whether a window or a browser can be shown to anybody. */
export function hasDisplay({ platform, environment }: Pick<Surroundings, 'platform' | 'environment'>): boolean {
  if (platform !== 'linux') return true;
  return Boolean(environment['DISPLAY']) || Boolean(environment['WAYLAND_DISPLAY']);
}

/** Finds Electron, or fetches it once a week at most; answers why not in half a sentence. */
export async function chooseWay(surroundings: Surroundings): Promise<Way> {
  const { modules, nowMs, fetchLimitMs, say } = surroundings;
  if (!hasDisplay(surroundings)) return { reason: 'There is no display here, so there is no desktop window' };
  const found = findElectron(modules);
  if (found !== undefined) return { electron: found };
  const again = '("npm run electron" tries again)';
  const remembered = findFailure(modules, nowMs);
  if (remembered !== undefined) return { reason: `Electron could not be fetched: ${remembered} ${again}` };
  say(`Fetching Electron, for ${fetchLimitMs / 1_000} s at most …`);
  const failed = await fetchElectron(modules, fetchLimitMs);
  const electron = findElectron(modules);
  if (electron !== undefined) return { electron };
  return { reason: `Electron could not be fetched: ${failed ?? 'its program is missing'} ${again}` };
}
