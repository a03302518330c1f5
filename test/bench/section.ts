/** What one subject did in one round. Times are those that a user of the subject would see. */
export interface Measured {
  /** Units of work that ended per second of the measured time. */
  readonly opsPerSec?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Anything else worth a column; a name with its unit. */
  readonly [extra: string]: number | undefined;
}

/** One thing that is measured: it warms itself up, then measures. It has a fresh process to itself. */
export type Subject = () => Promise<Measured>;

/** A target of PERFORMANCE.md: `ours` divided by `rival`, in one measure. */
export interface Target {
  readonly ours: string;
  readonly rival: string;
  readonly measure: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** A target of PERFORMANCE.md that is a figure: `measure` of `ours`. */
export interface FigureTarget {
  readonly ours: string;
  readonly measure: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One question, asked to several subjects under the same load. */
export interface Scenario {
  readonly name: string;
  readonly question: string;
  /** In words: warm-up, measured time or amount, how many at once, open or closed load. */
  readonly load: string;
  readonly subjects: Readonly<Record<string, Subject>>;
  /** Subjects of ours; every other one is a rival, and each of ours is compared with each rival. */
  readonly ours: readonly string[];
  /** Measures that are compared. */
  readonly compare: readonly string[];
  readonly targets?: readonly Target[];
  /** Targets that are figures of their own, beside no rival. */
  readonly figures?: readonly FigureTarget[];
  /** Node's flags for a subject that is started with some; a rival as its own documentation starts it. */
  readonly nodeFlags?: Readonly<Record<string, readonly string[]>>;
}

/** A file of `sections/`: it exports one of these as `section`. */
export interface Section {
  readonly name: string;
  readonly question: string;
  readonly scenarios: readonly Scenario[];
  /** What a reader has to know: how rivals are set up, what is not measured here. Markdown, one line each. */
  readonly notes: readonly string[];
}

/** Loads a section by its name. */
export async function loadSection(name: string): Promise<Section> {
  const module = (await import(new URL(`./sections/${name}.ts`, import.meta.url).href)) as { section: Section };
  return module.section;
}
