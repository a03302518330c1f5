import { execFileSync } from 'node:child_process';
import { cpus, totalmem, type } from 'node:os';
import type { Ratio, Result } from './rounds.ts';
import type { Section } from './section.ts';

/** Where and with what a report was measured. */
export interface Place {
  readonly machine: string;
  readonly node: string;
  readonly commit: string;
  readonly atIso: string;
}

/** A whole report, as it is stored. */
export interface Report extends Place {
  readonly section: string;
  readonly results: readonly Result[];
  readonly ratios: readonly Ratio[];
}

export function readPlace(): Place {
  const [cpu] = cpus();
  return {
    machine: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()}`,
    node: process.version,
    commit: readCommit(),
    atIso: new Date().toISOString(),
  };
}

function readCommit(): string {
  try {
    const options = { encoding: 'utf8', cwd: import.meta.dirname } as const;
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], options).trim();
    const changed = execFileSync('git', ['status', '--porcelain', '--', '../../runtime', '../../shared', '.'], options);
    return changed === '' ? commit : `${commit} and changes`;
  } catch {
    return 'unknown';
  }
}

/** The report as a page: per scenario a table of figures and one of ratios. */
export function toMarkdown(section: Section, report: Report): string {
  const lines = [
    `# Measured: ${section.name}`,
    '',
    `<!-- Written by \`npm run bench -- ${section.name}\`; do not edit. -->`,
    '',
    section.question,
    '',
    `${report.machine} · Node ${report.node} · commit ${report.commit} · ${report.atIso.slice(0, 10)}. Medians of the rounds; a ratio is the median of the rounds' own ratios (lowest to highest).`,
    '',
    ...section.notes.map((note) => `- ${note}`),
  ];
  for (const scenario of section.scenarios) {
    const results = report.results.filter((result) => result.scenario === scenario.name);
    if (results.length === 0) continue;
    lines.push(
      '',
      `## ${scenario.name}`,
      '',
      scenario.question,
      '',
      `Load: ${scenario.load}. ${results[0]!.rounds} rounds.`,
      '',
    );
    lines.push(...figureTable(results));
    const ratios = report.ratios.filter((ratio) => ratio.scenario === scenario.name);
    if (ratios.length > 0) lines.push('', ...ratioTable(ratios));
  }
  return `${lines.join('\n')}\n`;
}

const FIXED_KEYS = new Set(['type', 'section', 'scenario', 'subject', 'rounds']);

function figureTable(results: readonly Result[]): string[] {
  const keys = [...new Set(results.flatMap((result) => Object.keys(result)))].filter((key) => !FIXED_KEYS.has(key));
  return [
    `| subject | ${keys.join(' | ')} |`,
    `|---|${keys.map(() => '---:|').join('')}`,
    ...results.map((result) => `| ${result.subject} | ${keys.map((key) => toFigure(result[key])).join(' | ')} |`),
  ];
}

function ratioTable(ratios: readonly Ratio[]): string[] {
  return [
    '| ours | against | measure | ratio | lowest to highest | target |',
    '|---|---|---|---:|---:|---|',
    ...ratios.map((one) => {
      const spread = `${one.low.toFixed(2)} to ${one.high.toFixed(2)}`;
      const target = one.target === undefined ? '' : `${one.target}: ${one.met ? 'met' : '**missed**'}`;
      return `| ${one.subject} | ${one.rival} | ${one.measure} | ${one.ratio.toFixed(2)} | ${spread} | ${target} |`;
    }),
  ];
}

function toFigure(value: number | string | undefined): string {
  if (typeof value !== 'number') return value ?? '';
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value === 0 ? '0' : value.toPrecision(3);
}
