// `npm run check`: format, lint, types, boundaries, unused code, docs in step, unit tests. `npm test` adds the
// integration tests and those in a real browser (`--all`). Every step runs even when one before it failed; the last line counts all of them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const build = join(root, '.build');

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Vitest's JSON report, when the step is a test run and counts as its tests. */
  readonly report?: string;
}

function vitest(project: string): Step {
  const report = join(build, `vitest-${project}.json`);
  return {
    name: `${project} tests`,
    command: [
      'vitest',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    report,
  };
}

const CHECKS: readonly Step[] = [
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '-b'] },
  {
    name: 'boundaries',
    command: ['depcruise', '--config', '.dependency-cruiser.cjs', 'shared', 'runtime', 'main', 'renderer'],
  },
  { name: 'unused code', command: ['knip'] },
  { name: 'docs in step', command: [process.execPath, 'scripts/docs/generate.ts', '--check'] },
  vitest('unit'),
];

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** A test run that crashed wrote no report, or one without its unhandled errors: both count as a failure. */
function countTests(report: string, status: number | null): Count {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    const failed = numFailedTests ?? 0;
    return { passed: numPassedTests ?? 0, failed: status === 0 ? failed : Math.max(failed, 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function run(step: Step): Count {
  const startedMs = Date.now();
  process.stdout.write(`\n── ${step.name}\n`);
  if (step.report) rmSync(step.report, { force: true });
  const [program = '', ...args] = step.command;
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // One line a file, without colours where nobody looks at a terminal.
    env: process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' },
    shell: process.platform === 'win32',
  });
  if (error) process.stdout.write(`${error.message}\n`);
  const count = step.report
    ? countTests(step.report, status)
    : { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
  process.stdout.write(
    `${count.failed === 0 ? 'ok' : 'FAILED'}: ${step.name} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)\n`,
  );
  return count;
}

mkdirSync(build, { recursive: true });
const steps = process.argv.includes('--all') ? [...CHECKS, vitest('integration'), vitest('e2e')] : CHECKS;
const results = steps.map((step) => ({ step, count: run(step) }));
const passed = results.reduce((sum, { count }) => sum + count.passed, 0);
const failed = results.reduce((sum, { count }) => sum + count.failed, 0);
for (const { step } of results.filter(({ count }) => count.failed > 0)) process.stdout.write(`FAILED: ${step.name}\n`);
const summary = `${passed} passed, ${failed} failed\n`;
writeFileSync(join(build, 'test-summary'), summary);
process.stdout.write(summary);
process.exitCode = failed === 0 ? 0 : 1;
