import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measured, Scenario, Section, Target } from './section.ts';
import { median } from './statistics.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** A subject that takes longer than this has hung. */
const CHILD_LIMIT_MS = 10 * 60_000;

/** A subject over all rounds: medians. */
export interface Result {
  readonly type: 'bench.result';
  readonly section: string;
  readonly scenario: string;
  readonly subject: string;
  readonly rounds: number;
  readonly [measure: string]: number | string | undefined;
}

/** One of ours against one rival: the median of the rounds' ratios, and the lowest and the highest of them. */
export interface Ratio {
  readonly type: 'bench.ratio';
  readonly section: string;
  readonly scenario: string;
  readonly subject: string;
  readonly rival: string;
  readonly measure: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly target?: string;
  readonly met?: boolean;
}

/** What each subject measured, round by round. */
type Rounds = Map<string, Measured[]>;

/** Runs a scenario: every subject once a round, in turn, so that what slows the machine down slows all of them. */
export async function runScenario(section: Section, scenario: Scenario, roundCount: number): Promise<Rounds> {
  const names = Object.keys(scenario.subjects);
  const rounds: Rounds = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < roundCount; round++) {
    // Every second round backwards: nobody always runs after the same neighbour.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      rounds.get(name)!.push(await measure(scenario.nodeFlags?.[name] ?? [], [section.name, scenario.name, name]));
    }
    process.stderr.write(`${section.name} · ${scenario.name} · round ${round + 1} of ${roundCount}\n`);
  }
  return rounds;
}

/** Starts one subject in a fresh process and reads its last line. */
function measure(flags: readonly string[], args: readonly string[]): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', ...flags, CHILD, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: CHILD_LIMIT_MS,
      // As the command line does it: compiled code comes from a cache, for rivals too.
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'flotilla-bench-compiled') },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => {
      const line = output.trim().split('\n').at(-1) ?? '';
      if (code === 0 && line.startsWith('{')) resolve(JSON.parse(line) as Measured);
      else reject(new Error(`"${args.join(' · ')}" ended with ${code} and no figures.`));
    });
  });
}

/** The medians of every subject. */
export function toResults(section: Section, scenario: Scenario, rounds: Rounds): readonly Result[] {
  return [...rounds].map(([subject, measured]) => {
    const keys = new Set(measured.flatMap((one) => Object.keys(one)));
    const medians = [...keys].map((key) => [key, median(valuesOf(measured, key))] as const);
    return {
      type: 'bench.result',
      section: section.name,
      scenario: scenario.name,
      subject,
      rounds: measured.length,
      ...Object.fromEntries(medians),
    };
  });
}

/** Ours against every rival, in every measure that both have. */
export function toRatios(section: Section, scenario: Scenario, rounds: Rounds): readonly Ratio[] {
  const ratios: Ratio[] = [];
  for (const subject of scenario.ours) {
    for (const rival of rounds.keys()) {
      if (scenario.ours.includes(rival)) continue;
      for (const measure of scenario.compare) {
        const ours = valuesOf(rounds.get(subject)!, measure);
        const theirs = valuesOf(rounds.get(rival)!, measure);
        if (ours.length === 0 || ours.length !== theirs.length) continue;
        const perRound = ours.map((value, round) => value / theirs[round]!);
        const ratio = median(perRound);
        const target = scenario.targets?.find(
          (one) => one.ours === subject && one.rival === rival && one.measure === measure,
        );
        ratios.push({
          type: 'bench.ratio',
          section: section.name,
          scenario: scenario.name,
          subject,
          rival,
          measure,
          ratio,
          low: Math.min(...perRound),
          high: Math.max(...perRound),
          ...(target === undefined ? {} : verdict(target, ratio)),
        });
      }
    }
  }
  return ratios;
}

/** Targets that are figures, as ratios to the target itself: 1 is on it. */
export function toFigureRatios(section: Section, scenario: Scenario, rounds: Rounds): readonly Ratio[] {
  return (scenario.figures ?? []).map((figure) => {
    const { ours: subject, measure, atLeast, atMost } = figure;
    const bound = atLeast ?? atMost ?? Number.NaN;
    const perRound = valuesOf(rounds.get(subject) ?? [], measure).map((value) => value / bound);
    const ratio = median(perRound);
    const rival = `target ${bound.toLocaleString('en-US')}`;
    const spread = { low: Math.min(...perRound), high: Math.max(...perRound) };
    const met = atLeast === undefined ? ratio <= 1 : ratio >= 1;
    const target = atLeast === undefined ? '≤ 1' : '≥ 1';
    return {
      type: 'bench.ratio',
      section: section.name,
      scenario: scenario.name,
      subject,
      rival,
      measure,
      ratio,
      ...spread,
      target,
      met,
    };
  });
}

function verdict(target: Target, ratio: number): { target: string; met: boolean } {
  const { atLeast, atMost } = target;
  if (atLeast !== undefined) return { target: `≥ ${toShort(atLeast)}`, met: ratio >= atLeast };
  return { target: `≤ ${toShort(atMost ?? Number.NaN)}`, met: ratio <= (atMost ?? Number.POSITIVE_INFINITY) };
}

function toShort(value: number): string {
  return String(Math.round(value * 1_000) / 1_000);
}

function valuesOf(measured: readonly Measured[], key: string): number[] {
  return measured.map((one) => one[key]).filter((value) => value !== undefined);
}
