/** Records that wait under one signal. */
interface Watched {
  readonly records: Set<number>;
  readonly onAbort: () => void;
}

/**
 * Which waiting records hang on which signal: one listener for each signal, however many records share it, and none as soon
 * as nothing of it waits (a listener would keep a signal made by `AbortSignal.any` alive for as long as its sources).
 */
export class SignalWatch {
  private readonly watched = new Map<AbortSignal, Watched>();
  private readonly signals = new Map<number, AbortSignal>();
  private readonly onAbort: (record: number, signal: AbortSignal) => void;

  /** @param onAbort Called for each record of a signal that aborts; the record is no longer watched then. */
  constructor(onAbort: (record: number, signal: AbortSignal) => void) {
    this.onAbort = onAbort;
  }

  add(record: number, signal: AbortSignal): void {
    let watched = this.watched.get(signal);
    if (watched === undefined) {
      watched = { records: new Set(), onAbort: () => this.abort(signal) };
      this.watched.set(signal, watched);
      signal.addEventListener('abort', watched.onAbort);
    }
    watched.records.add(record);
    this.signals.set(record, signal);
  }

  /** Nothing happens when the record has no signal. */
  remove(record: number): void {
    if (this.signals.size === 0) return;
    const signal = this.signals.get(record);
    if (signal === undefined) return;
    this.signals.delete(record);
    const watched = this.watched.get(signal)!;
    watched.records.delete(record);
    if (watched.records.size > 0) return;
    this.watched.delete(signal);
    signal.removeEventListener('abort', watched.onAbort);
  }

  private abort(signal: AbortSignal): void {
    const records = [...(this.watched.get(signal)?.records ?? [])];
    for (const record of records) {
      // Letting go of one may have taken others out, or have given its number to a new record.
      if (this.signals.get(record) !== signal) continue;
      this.remove(record);
      this.onAbort(record, signal);
    }
  }
}
