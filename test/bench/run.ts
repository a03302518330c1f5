// `npm run bench -- SECTION [--json] [--rounds N] [--scenario NAME]`; without a section it lists them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPlace, toMarkdown, type Report } from './report.ts';
import { runScenario, toFigureRatios, toRatios, toResults, type Ratio, type Result } from './rounds.ts';
import { loadSection } from './section.ts';

const here = import.meta.dirname;
const docs = join(here, '../../docs/benchmarks');
const results = join(here, 'results');
/** Fewer rounds say too little to be published. */
const PUBLISHED_ROUNDS = 7;

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(3);
}

/** The rivals live in a package of their own; npm's words go to standard error. */
function installRivals(): void {
  if (existsSync(join(here, 'node_modules'))) return;
  const cli = process.env['npm_execpath'];
  const [program, args] = cli === undefined ? ['npm', ['ci']] : [process.execPath, [cli, 'ci']];
  const { status } = spawnSync(program, args, {
    cwd: here,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail('The rivals could not be installed: check the network or the registry npm is set to.');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, rounds: { type: 'string' }, scenario: { type: 'string' } },
});
const known = readdirSync(join(here, 'sections'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const [name] = positionals;
const roundCount = Number(values.rounds ?? PUBLISHED_ROUNDS);
if (name === undefined || !known.includes(name)) fail(`Name a section to measure: ${known.join(', ')}.`);
if (!Number.isSafeInteger(roundCount) || roundCount < 1) fail('--rounds takes a whole number from 1 on.');
installRivals();

const section = await loadSection(name);
const chosen = section.scenarios.filter(
  (scenario) => values.scenario === undefined || scenario.name === values.scenario,
);
if (chosen.length === 0) fail(`Its scenarios are: ${section.scenarios.map((scenario) => scenario.name).join(', ')}.`);

const allResults: Result[] = [];
const allRatios: Ratio[] = [];
for (const scenario of chosen) {
  const rounds = await runScenario(section, scenario, roundCount);
  const lines = [
    ...toResults(section, scenario, rounds),
    ...toRatios(section, scenario, rounds),
    ...toFigureRatios(section, scenario, rounds),
  ];
  for (const line of lines) {
    if (line.type === 'bench.result') allResults.push(line);
    else allRatios.push(line);
    if (values.json) process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

const report: Report = { section: section.name, ...readPlace(), results: allResults, ratios: allRatios };
const page = toMarkdown(section, report);
mkdirSync(results, { recursive: true });
writeFileSync(join(results, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
writeFileSync(join(results, `${name}.md`), page);
if (values.scenario === undefined && roundCount >= PUBLISHED_ROUNDS) {
  mkdirSync(docs, { recursive: true });
  writeFileSync(join(docs, `${name}.md`), page);
}
if (!values.json) process.stdout.write(page);
