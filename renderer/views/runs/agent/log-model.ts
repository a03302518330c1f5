import type { AgentLogItem } from '../../../../shared/contract/run-schemas.ts';
import { isFinalAgentState } from '../../../../shared/model/states.ts';

/** After the answer come its state and a few notices. */
const ANSWER_WITHIN = 10;

/** Entries kept of one log, about 20 pages. Beyond it those that come drop the oldest, and no earlier ones are loaded. */
export const MAX_ENTRIES = 4_000;

/** An entry of a log, without the words about entries. */
export type LogEntry = Exclude<AgentLogItem, { readonly kind: 'baseline' | 'restart' }>;

/** The log of one agent, in the order in which its entries began; an entry that came again stands in its old place. */
export class AgentLog {
  /** Raised by each change. */
  version = 0;
  readonly entries: LogEntry[] = [];
  /** Where the page before the first entry ends; `undefined`: there is none. */
  older: string | undefined;
  /** The entries of the beginning are all there. */
  isWhole = false;
  /** Entries were dropped at the bound: `older` is not known, and the newest page has to be asked for anew. */
  isCut = false;
  /** There are earlier entries than the bound lets in. */
  isFull = false;
  readonly #placeOf = new Map<string, number>();

  take(item: AgentLogItem): void {
    this.version++;
    if (item.kind === 'restart') this.#forget();
    else if (item.kind === 'baseline') {
      this.isWhole = true;
      this.older = item.older;
    } else this.#put(item);
    // The answer holds all of it.
    if (item.kind === 'state' && isFinalAgentState(item.state)) this.#drop('output');
  }

  /** Puts a page of earlier entries, oldest first, before those there are. */
  prepend(items: readonly AgentLogItem[], older: string | undefined): void {
    const earlier = items.filter(isEntry).filter(({ key }) => !this.#placeOf.has(key));
    const surplus = Math.max(0, this.entries.length + earlier.length - MAX_ENTRIES);
    this.version++;
    this.isFull = surplus > 0 || (older !== undefined && this.entries.length + earlier.length === MAX_ENTRIES);
    this.older = this.isFull ? undefined : older;
    this.entries.unshift(...earlier.slice(surplus));
    this.#findPlaces();
  }

  /**
   * Forgets what stands before `items`, the newest page of what is recorded, oldest first; it can be loaded again from
   * `older`. Does nothing when no entry of the page is known: then the log is not the one it was asked for.
   */
  forgetBefore(items: readonly AgentLogItem[], older: string | undefined): void {
    const page = items.filter(isEntry);
    const places = page.flatMap(({ key }) => this.#placeOf.get(key) ?? []);
    if (places.length === 0) return;
    this.isCut = false;
    this.isFull = false;
    // What is known here may be newer than what is recorded.
    const earlier = page.filter(({ key }) => !this.#placeOf.has(key));
    this.version++;
    this.older = older;
    this.entries.splice(0, Math.min(...places), ...earlier);
    this.#findPlaces();
  }

  #put(entry: LogEntry): void {
    const place = this.#placeOf.get(entry.key);
    if (place !== undefined) {
      this.entries[place] = entry;
      return;
    }
    this.#placeOf.set(entry.key, this.entries.length);
    this.entries.push(entry);
    if (this.entries.length > MAX_ENTRIES) this.#dropOldest();
  }

  #drop(key: string): void {
    const place = this.#placeOf.get(key);
    if (place === undefined) return;
    this.entries.splice(place, 1);
    this.#findPlaces();
  }

  /** Half at once, so that places are found again seldom; what `older` named would now leave a gap. */
  #dropOldest(): void {
    this.entries.splice(0, this.entries.length - MAX_ENTRIES / 2);
    this.older = undefined;
    this.isFull = false;
    this.isCut = true;
    this.#findPlaces();
  }

  #findPlaces(): void {
    this.#placeOf.clear();
    for (const [place, { key }] of this.entries.entries()) this.#placeOf.set(key, place);
  }

  #forget(): void {
    this.entries.length = 0;
    this.#placeOf.clear();
    this.older = undefined;
    this.isCut = false;
    this.isFull = false;
    this.isWhole = false;
  }
}

function isEntry(item: AgentLogItem): item is LogEntry {
  return item.kind !== 'baseline' && item.kind !== 'restart';
}

/** What the agent answered, where the log holds it: it is among the last entries. */
export function findAnswer(entries: readonly LogEntry[]): string | undefined {
  const answer = entries.findLast(({ kind }, at) => kind === 'answer' || at < entries.length - ANSWER_WITHIN);
  return answer?.kind === 'answer' ? answer.text.text : undefined;
}

/** Whether a turn's text is the answer itself, which needs to be read once only. */
export function isAnswerOf(entry: LogEntry, answer: string | undefined): boolean {
  return entry.kind === 'turn' && answer !== undefined && entry.text.text.trim() === answer.trim();
}

/** Arguments in one line: of an object with one value that value, else its values as they are written. */
export function toShortArguments(json: string): string {
  const value = parse(json);
  if (typeof value !== 'object' || value === null) return oneLine(json);
  const parts = Object.values(value).map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  return oneLine(parts.join(' '));
}

/** Arguments for reading; what is not JSON (it may be cut) as it is. */
export function toPrettyArguments(json: string): string {
  const value = parse(json);
  return value === undefined ? json : JSON.stringify(value, undefined, 2);
}

/** `Shown: 2,000 of 18,400 characters`; `undefined` when all of it is. */
export function toCutWords({ text, chars }: { readonly text: string; readonly chars: number }): string | undefined {
  const shown = text.length;
  if (chars <= shown) return undefined;
  return `Shown: ${shown.toLocaleString('en-US')} of ${chars.toLocaleString('en-US')} characters`;
}

const MAX_LINE_CHARS = 160;

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, MAX_LINE_CHARS);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
