// Plain JavaScript for any Node from 20 on, without dependencies: sets up what a fresh clone lacks, then hands over
// to Node 24 from the `node` package. Everything it says goes to standard error; standard output is the command's.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.flotilla-ready');
const lock = join(root, '.setup-lock');
const node24 = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** How often a start that waits for another's set-up looks again. */
const LOCK_INTERVAL_MS = 200;
/** A lock that is older than this and names nobody belongs to nobody. */
const LOCK_GRACE_MS = 5_000;

const ENTRIES = {
  fleet: { file: 'main/cli.ts', args: ['run'] },
  flotilla: { file: 'main/cli.ts', args: [], quiet: true },
  check: { file: 'scripts/check.ts', args: [] },
  test: { file: 'scripts/check.ts', args: ['--all'] },
  docs: { file: 'scripts/docs/generate.ts', args: [] },
  start: { file: 'scripts/start.ts', args: [] },
  build: { file: 'scripts/build/build.ts', args: [] },
  package: { file: 'scripts/package/package-app.ts', args: [] },
  electron: { file: 'scripts/fetch-electron.ts', args: [] },
  bench: { file: 'test/bench/run.ts', args: [] },
};

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(4);
}

function wantedStamp() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  return `${hash.digest('hex')} ${process.platform} ${process.arch}\n`;
}

function isReady() {
  return existsSync(node24) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp();
}

/** A Node that does not lie in the folder that npm is about to empty: this process may run from there. Found once, before. */
let nodeForNpm;
function outsideNode() {
  nodeForNpm ??= findOutsideNode();
  return nodeForNpm;
}

function findOutsideNode() {
  const outside = [process.env.npm_node_execpath, process.execPath].find((path) => path && !path.startsWith(modules));
  if (outside) return outside;
  const copy = join(mkdtempSync(join(tmpdir(), 'flotilla-node-')), process.platform === 'win32' ? 'node.exe' : 'node');
  copyFileSync(process.execPath, copy);
  process.once('exit', () => rmSync(dirname(copy), { recursive: true, force: true }));
  return copy;
}

/** Runs npm with its own output on standard error, so that standard output stays the command's. */
function npm(args, quiet) {
  // npm tells its scripts where its own program lies, which also holds on Windows, where `npm` is a batch file.
  const cli = process.env.npm_execpath;
  const program = cli ? outsideNode() : 'npm';
  const output = quiet ? 'pipe' : 2;
  const run = spawnSync(program, [...(cli ? [cli] : []), ...args], {
    cwd: root,
    stdio: ['ignore', output, output],
    encoding: 'utf8',
    env: { ...process.env, npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false' },
  });
  if (run.status === 0) return;
  const said = `${run.stderr ?? ''}${run.stdout ?? ''}`.trim().split('\n').slice(-5).join('\n');
  fail(
    `Setting up failed: "npm ${args.join(' ')}" did not succeed${said ? `:\n${said}\n` : '. '}Check the network or the registry npm is set to, then run the same command again.`,
  );
}

/** One set-up at a time: two starts on a fresh clone must not install over each other. */
async function withLock(work) {
  for (let hasSaid = false; !takeLock();) {
    if (!hasSaid) process.stderr.write('Another start is setting up here; waiting for it …\n');
    hasSaid = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_INTERVAL_MS));
  }
  process.once('exit', unlock).once('SIGINT', exitOnSignal).once('SIGTERM', exitOnSignal);
  await work();
  unlock();
  process.off('exit', unlock).off('SIGINT', exitOnSignal).off('SIGTERM', exitOnSignal);
}

/** The lock names its owner, so that one who died in the middle holds up nobody. */
function takeLock() {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST')
      fail(`The project folder cannot be written (${error.code}); set up needs to put its dependencies there.`);
    if (!isOwnerAlive()) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isOwnerAlive() {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return true;
  } catch (error) {
    if (error.code === 'EPERM') return true;
    // Between the folder and the file in it lies a moment; an owner that died there is old.
    const ageMs = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    return error.code === 'ENOENT' && ageMs < LOCK_GRACE_MS;
  }
}

function unlock() {
  rmSync(lock, { recursive: true, force: true });
}

function exitOnSignal() {
  process.exit(130);
}

async function setUp(quiet) {
  if (isReady()) return;
  await withLock(async () => {
    if (isReady()) return;
    const startedMs = Date.now();
    process.stderr.write('Setting up, once: dependencies and Node 24 from the npm registry …\n');
    // Scripts stay off: the only one needed is the `node` package's, which fetches the binary for this platform.
    npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], quiet);
    if (!existsSync(node24)) npm(['rebuild', 'node', '--foreground-scripts'], true);
    if (!existsSync(node24)) fail('Setting up failed: the `node` package brought no binary for this platform.');
    writeFileSync(stamp, wantedStamp());
    process.stderr.write(`Ready after ${Math.round((Date.now() - startedMs) / 1000)} s.\n`);
  });
}

/** `serve` shows screens that are built from these sources; what the build says goes to standard error. */
function buildScreens() {
  const script = join(root, 'scripts/build/build-screens.ts');
  // Screens that do not build are no reason to stop: those built before are served, or a page that says what to do.
  spawnSync(node24, [script], { cwd: root, stdio: ['ignore', 2, 2] });
}

async function handOver(file, args) {
  const script = join(root, file);
  process.env.PATH = `${join(modules, '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`;
  if (Number(process.versions.node.split('.')[0]) === 24) {
    process.argv = [process.argv[0], script, ...args];
    await import(pathToFileURL(script).href);
    return;
  }
  const child = spawn(node24, [...process.execArgv, script, ...args], { stdio: 'inherit' });
  // The child decides how to end; this process only waits for it and passes on what reached it alone.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    fail(`Node 24 could not be started (${error.message}); remove node_modules and run the same command again.`),
  );
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

const [name = 'flotilla', ...rest] = process.argv.slice(2);
const entry = ENTRIES[name];
if (!entry) fail(`bootstrap.mjs knows no "${name}"; it knows ${Object.keys(ENTRIES).join(', ')}.`);
await setUp(entry.quiet === true);
if (name === 'flotilla' && rest[0] === 'serve' && !rest.includes('--help')) buildScreens();
await handOver(entry.file, [...entry.args, ...rest]);
