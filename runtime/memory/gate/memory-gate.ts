import { AppError } from '../../../shared/errors/app-error.ts';
import type { Gate, LaneName } from '../../admission/gate.ts';
import type { Clock, Timer } from '../../time/clock.ts';
import { FIRST_LEVEL, toNextLevel, type LevelState, type MemoryLevel } from './memory-level.ts';
import { checkMemoryGateOptions, type MemoryGateMode, type MemoryGateOptions } from './memory-options.ts';
import type { MemoryReader, MemoryReading } from './memory-reading.ts';

/** What the memory gate works on. */
export interface MemoryGatePorts {
  readonly gate: Pick<Gate, 'bar'>;
  readonly clock: Clock;
  readonly reader: MemoryReader;
  /** Hears each change of the level, in order. */
  readonly onChange?: (change: MemoryChange) => void;
}

/** The level has changed. */
export interface MemoryChange {
  readonly level: MemoryLevel;
  readonly atMs: number;
  readonly reading: MemoryReading;
  /** One sentence for a person. */
  readonly text: string;
}

/** The memory gate at one moment. */
export interface MemoryGateStatus {
  readonly options: MemoryGateOptions;
  /** `off` when nothing is looked at. */
  readonly level: MemoryLevel | 'off';
  readonly reading: MemoryReading | undefined;
  readonly text: string;
  /** Since the gate was opened. */
  readonly shortCount: number;
  readonly shortMs: number;
}

const MIB = 2 ** 20;

/**
 * Whether starting work in this lane takes memory of the machine: an agent, a program, a task of a thread, a tool's work.
 *
 * The permits of providers are not among them: a turn of an agent that runs takes next to nothing here, and an agent that
 * cannot go on holds what it has. Neither are the lanes of single runs, inside which agents come to that of all runs.
 */
export function takesMemory(lane: LaneName): boolean {
  return lane === 'run:all' || lane === 'process' || lane === 'cpu' || lane === 'io';
}

/**
 * Holds back starts while the machine is short of memory; measured, never guessed. Nothing that runs is ended or paused.
 *
 * Works by a bar on the gate (`Gate.bar`), so that every way to start work meets it and what waits says `memory`. Where
 * memory cannot be measured it allows everything and says so.
 */
export class MemoryGate implements Disposable {
  private readonly ports: MemoryGatePorts;
  private options: MemoryGateOptions;
  private state: LevelState = FIRST_LEVEL;
  /** The level that was last told; enough is what everybody expects, so it is not told at the start. */
  private told: MemoryLevel = 'open';
  private reading: MemoryReading | undefined;
  private timer: Timer | undefined;
  private shortCount = 0;
  private shortMs = 0;
  private shortSinceMs: number | undefined;

  /** Looks at once, then every `lookEveryMs`, without keeping the process alive. @throws {AppError} SETTING_INVALID */
  constructor(ports: MemoryGatePorts, options: MemoryGateOptions) {
    this.ports = ports;
    this.options = checkMemoryGateOptions(options);
    this.begin();
  }

  /** Takes other bounds over at once, and looks by them. @throws {AppError} SETTING_INVALID; then nothing has changed. */
  configure(options: MemoryGateOptions): void {
    this.options = checkMemoryGateOptions(options);
    this.begin();
  }

  status(): MemoryGateStatus {
    const { options, reading, shortCount } = this;
    const nowShortMs = this.shortSinceMs === undefined ? 0 : this.ports.clock.monoMs() - this.shortSinceMs;
    const level = options.mode === 'off' ? 'off' : this.state.level;
    return { options, level, reading, shortCount, shortMs: this.shortMs + nowShortMs, text: this.text() };
  }

  /** Lifts what it holds back. */
  [Symbol.dispose](): void {
    this.timer?.[Symbol.dispose]();
    this.timer = undefined;
    this.ports.gate.bar(undefined);
  }

  private begin(): void {
    this.timer?.[Symbol.dispose]();
    if (this.options.mode !== 'off') return this.look();
    this.reading = undefined;
    this.enter(FIRST_LEVEL);
    this.ports.gate.bar(undefined);
  }

  private look(): void {
    const { clock, reader } = this.ports;
    this.reading = reader.read();
    this.enter(toNextLevel(this.state, this.reading, this.options, clock.monoMs()));
    this.applyBar();
    this.timer = clock.after(this.options.lookEveryMs, () => this.look());
    this.timer.keepAlive(false);
  }

  private enter(next: LevelState): void {
    const { clock, onChange } = this.ports;
    const before = this.state.level;
    this.state = next;
    if (next.level !== before) this.countShort(next.level);
    if (next.level === this.told || this.reading === undefined) return;
    this.told = next.level;
    onChange?.({ level: next.level, atMs: clock.nowMs(), reading: this.reading, text: this.text() });
  }

  private countShort(level: MemoryLevel): void {
    const { clock } = this.ports;
    if (level === 'short') {
      this.shortCount++;
      this.shortSinceMs = clock.monoMs();
    } else if (this.shortSinceMs !== undefined) {
      this.shortMs += clock.monoMs() - this.shortSinceMs;
      this.shortSinceMs = undefined;
    }
  }

  private applyBar(): void {
    const { level, extraStarts } = this.state;
    if (level === 'open' || level === 'unknown') return this.ports.gate.bar(undefined);
    const { mode, floorRunning } = this.options;
    const isRefusing = mode === 'refuse' && level === 'short';
    this.ports.gate.bar({
      reason: 'memory',
      covers: takesMemory,
      floorRunning,
      extraStarts,
      ...(isRefusing && { refusal: () => this.refusal() }),
    });
  }

  private refusal(): AppError {
    const { settleMs, lookEveryMs } = this.options;
    const message = `${this.text()} Launch again when there is more, or let launches wait for it.`;
    return new AppError('MEMORY_SHORT', message, { details: { retryAfterMs: settleMs + lookEveryMs } });
  }

  private text(): string {
    if (this.options.mode === 'off') return 'The memory gate is off; nothing is held back.';
    const { reading } = this;
    const said = reading === undefined ? '' : sayReading(reading, this.options);
    return toSentence(this.state.level, said, this.options.mode);
  }
}

function toSentence(level: MemoryLevel, said: string, mode: MemoryGateMode): string {
  const launches = mode === 'refuse' ? 'launches are refused, what belongs to a run waits' : 'what is to start waits';
  const sentences: Record<MemoryLevel, string> = {
    unknown: 'Available memory cannot be measured on this system; nothing is held back.',
    open: `There is enough memory: ${said}.`,
    careful: `Memory is little: ${said}; a few at a time are started.`,
    short: `Memory is short: ${said}; ${launches}, what runs goes on.`,
  };
  return sentences[level];
}

function sayReading(
  { availableBytes, totalBytes, pressureRatio, of }: MemoryReading,
  options: MemoryGateOptions,
): string {
  const parts: string[] = [];
  if (availableBytes !== undefined) {
    const least = options.minAvailableBytes > 0 ? `, ${toMb(options.minAvailableBytes)} are to stay free` : '';
    parts.push(`${toMb(availableBytes)} of the ${of}'s ${toMb(totalBytes)} are available${least}`);
  }
  if (pressureRatio !== undefined && options.maxPressureRatio < 1) {
    parts.push(`programs waited for it ${Math.round(pressureRatio * 100)} % of the last 10 s`);
  }
  return parts.join('; ');
}

function toMb(bytes: number): string {
  return `${Math.round(bytes / MIB).toLocaleString('en-US')} MB`;
}
