import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Where systems keep a Chromium or Chrome; a variable stands above them. */
const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  String.raw`C:\Program Files\Google\Chrome\Application\chrome.exe`,
];

/** Without the sandbox only as root, where Chromium has none; and quiet: a test's browser asks nobody outside. */
const BROWSER_ARGS: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
];

/** What to start, and with which arguments. */
interface BrowserProgram {
  readonly executablePath: string;
  readonly args: readonly string[];
}

/** The Chromium of this machine, else the one inside a registry package, which is installed at the first need. */
export async function findChromium(): Promise<BrowserProgram> {
  const found = PLACES.find((path) => path !== undefined && existsSync(path));
  if (found !== undefined) return { executablePath: found, args: BROWSER_ARGS };
  if (!existsSync(join(import.meta.dirname, 'node_modules'))) installPackage();
  // It is no dependency of the project: a name that only exists after the installation.
  const name = '@sparticuz/chromium';
  const packaged = (await import(name)) as {
    default: { executablePath(): Promise<string>; readonly args: readonly string[] };
  };
  return {
    executablePath: await packaged.default.executablePath(),
    args: [...packaged.default.args.filter((arg) => !arg.startsWith('--headless')), ...BROWSER_ARGS],
  };
}

/** A headless browser of a test; closing it is the caller's. */
export async function openBrowser(extra: readonly string[] = []): Promise<Browser> {
  const { executablePath, args } = await findChromium();
  return await chromium.launch({ executablePath, args: [...args, ...extra], headless: true });
}

function installPackage(): void {
  process.stderr.write('No Chromium here; installing one from the npm registry …\n');
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`No Chromium could be installed; set CHROMIUM_PATH.\n${stderr}`);
}
