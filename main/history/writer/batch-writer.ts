import { TOOL_CALL_STATES, TURN_STATES } from '../../../shared/model/states.ts';
import {
  CALL_FIELDS,
  TURN_FIELDS,
  type RareEvent,
  type RecordBatch,
  type SettingChanged,
} from '../ingest/record-batch.ts';
import type { Connection } from '../store/database.ts';
import { RunRows, type OpenRun } from './run-rows.ts';
import { SessionRows } from './session-rows.ts';

/** Reads the packed text of a batch piece by piece. */
class TextPieces {
  readonly #batch: RecordBatch;
  #piece = 0;
  #at = 0;

  constructor(batch: RecordBatch) {
    this.#batch = batch;
  }

  next(): string {
    const start = this.#at;
    this.#at += this.#batch.lengths[this.#piece++]!;
    return this.#batch.text.slice(start, this.#at);
  }
}

/** SQLite has no NaN: what is absent is NULL. */
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Writes batches, each in one transaction: all of it or nothing, so that a batch may be tried again. */
export class BatchWriter {
  readonly #runs: RunRows;
  readonly #sessions: SessionRows;
  readonly #statements;
  readonly #transaction: (batch: RecordBatch) => void;
  #nowMs = 0;

  constructor(connection: Connection) {
    this.#runs = new RunRows(connection);
    this.#sessions = new SessionRows(connection);
    this.#statements = prepare(connection);
    const transaction = connection.transaction((batch: RecordBatch) => this.#writeAll(batch));
    this.#transaction = (batch) => transaction.immediate(batch);
  }

  /** @throws whatever SQLite says; nothing of the batch is written then. */
  write(batch: RecordBatch, nowMs: number): void {
    this.#nowMs = nowMs;
    try {
      this.#transaction(batch);
    } catch (error) {
      this.#runs.rollBack();
      throw error;
    }
    this.#runs.commit();
  }

  #writeAll(batch: RecordBatch): void {
    for (const event of batch.rare) this.#writeRare(event);
    const pieces = new TextPieces(batch);
    const runs = new Map<number, OpenRun>();
    const runAt = (index: number): OpenRun => {
      let run = runs.get(index);
      if (!run) runs.set(index, (run = this.#runs.of(batch.names[index]!, this.#nowMs)));
      return run;
    };
    for (let row = 0; row < batch.callCount; row++) this.#writeCall(batch, row * CALL_FIELDS, pieces, runAt);
    const turnsAt = batch.callCount * CALL_FIELDS;
    for (let row = 0; row < batch.turnCount; row++) this.#writeTurn(batch, turnsAt + row * TURN_FIELDS, pieces, runAt);
    this.#runs.finishBatch((run) => this.#closeOpenRows(run));
  }

  #writeRare(event: RareEvent): void {
    switch (event.type) {
      case 'run.launched':
        return void this.#runs.launch(event);
      case 'run.changed':
        return this.#sessions.recordRunChange(this.#runs.change(event), event);
      case 'agent.added':
        return this.#sessions.add(this.#runs.of(event.runId, event.atMs), event);
      case 'agent.changed':
        return this.#sessions.change(this.#runs.of(event.runId, event.atMs), event);
      case 'notice':
        return this.#sessions.notice(this.#runs.of(event.runId, event.atMs), event);
      case 'setting.changed':
        return this.#writeSettingChange(event);
      case 'metric.frame':
        return void this.#statements.addFrame.run(event.atMs, JSON.stringify(event.values));
    }
  }

  #writeSettingChange({ change, settings }: SettingChanged): void {
    const { version, atMs, key, from, to, by } = change;
    const { addSettingChange, addSettings } = this.#statements;
    addSettingChange.run(version, version, atMs, key, JSON.stringify(from), JSON.stringify(to), by);
    if (settings) addSettings.run(version, atMs, JSON.stringify(settings));
  }

  #writeCall({ numbers, names }: RecordBatch, at: number, pieces: TextPieces, runAt: (index: number) => OpenRun): void {
    const reference = numbers[at]!;
    const run = runAt(numbers[at + 1]!);
    const state = TOOL_CALL_STATES[numbers[at + 5]!]!;
    const providerCallId = pieces.next();
    const argumentsJson = pieces.next();
    const output = pieces.next();
    const error = pieces.next();
    const isFinal = state !== 'running';
    if (isFinal) {
      run.delta.toolCalls++;
      if (state !== 'done') run.delta.toolCallsFailed++;
    }
    const [waitMs, ms, outputBytes] = [orNull(numbers[at + 8]!), orNull(numbers[at + 9]!), orNull(numbers[at + 10]!)];
    const open = reference < 0 ? this.#runs.take(run, -reference) : undefined;
    const isCached = numbers[at + 11] === 1;
    if (open) {
      if (isCached) this.#statements.addCached.run(open.id);
      this.#statements.endCall.run(state, waitMs, ms, outputBytes, output, error === '' ? null : error, open.id);
      this.#statements.wordLate.run({ id: open.id });
      return;
    }
    const id = run.nextId++;
    if (reference > 0) this.#runs.open(run, reference, { id, isCall: true });
    if (isCached) this.#statements.addCached.run(id);
    this.#statements.addCall.run(
      id,
      run.run,
      numbers[at + 2],
      numbers[at + 3],
      numbers[at + 4],
      state,
      names[numbers[at + 6]!],
      providerCallId,
      numbers[at + 7],
      waitMs,
      ms,
      outputBytes,
      argumentsJson,
      isFinal ? output : null,
      error === '' ? null : error,
    );
  }

  #writeTurn({ numbers, names }: RecordBatch, at: number, pieces: TextPieces, runAt: (index: number) => OpenRun): void {
    const reference = numbers[at]!;
    const run = runAt(numbers[at + 1]!);
    const state = TURN_STATES[numbers[at + 5]!]!;
    const text = pieces.next();
    const error = pieces.next();
    const requested = readRequestedCalls(pieces, numbers[at + 17]!);
    const ended = [9, 10, 11, 12, 13, 14, 15, 16].map((field) => orNull(numbers[at + field]!));
    if (state !== 'asking') countTurn(run, state === 'done', numbers.subarray(at, at + TURN_FIELDS));
    const open = reference < 0 ? this.#runs.take(run, -reference) : undefined;
    const isCached = numbers[at + 18] === 1;
    if (open) {
      if (isCached) this.#statements.addCached.run(open.id);
      this.#statements.endTurn.run(state, ...ended, text, requested, error === '' ? null : error, open.id);
      this.#statements.wordLate.run({ id: open.id });
      return;
    }
    const id = run.nextId++;
    if (reference > 0) this.#runs.open(run, reference, { id, isCall: false });
    if (isCached) this.#statements.addCached.run(id);
    const subject = [id, run.run, numbers[at + 2], numbers[at + 3], numbers[at + 4], state];
    const model = [names[numbers[at + 6]!], names[numbers[at + 7]!], numbers[at + 8]];
    this.#statements.addTurn.run(...subject, ...model, ...ended, text, requested, error === '' ? null : error);
  }

  /** A run that has ended has nothing under way: what never reported its end is marked so. */
  #closeOpenRows(run: OpenRun): void {
    for (const { id, isCall } of run.open.values())
      (isCall ? this.#statements.loseCall : this.#statements.loseTurn).run(id);
  }
}

function countTurn(run: OpenRun, isDone: boolean, fields: Float64Array): void {
  const { delta } = run;
  if (fields[4]! > 1) delta.retries++;
  delta.inputTokens += orNull(fields[12]!) ?? 0;
  delta.outputTokens += orNull(fields[13]!) ?? 0;
  if (!isDone) return;
  delta.turns++;
  const costUsd = orNull(fields[16]!);
  if (costUsd === null) delta.unpricedTurns++;
  else delta.costUsd += costUsd;
}

function readRequestedCalls(pieces: TextPieces, count: number): string | null {
  if (count === 0) return null;
  const calls = [];
  for (let index = 0; index < count; index++)
    calls.push({ providerCallId: pieces.next(), tool: pieces.next(), argumentsJson: pieces.next() });
  return JSON.stringify(calls);
}

function prepare(connection: Connection) {
  return {
    addCall: connection.prepare(`
      INSERT INTO tool_calls (id, run, agent, turn, call, state, tool, provider_call_id, started_at_ms, wait_ms, ms,
        output_bytes, arguments, output, error)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    endCall: connection.prepare(`
      UPDATE tool_calls SET state = ?, wait_ms = ?, ms = ?, output_bytes = ?, output = ?, error = ? WHERE id = ?`),
    addCached: connection.prepare('INSERT INTO cached_answers (id) VALUES (?)'),
    addTurn: connection.prepare(`
      INSERT INTO turns (id, run, agent, turn, attempt, state, provider, model, started_at_ms, wait_ms, first_token_ms, ms,
        input_tokens, output_tokens, cached_input_tokens, cache_write_input_tokens, cost_usd, text, tool_calls, error)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    endTurn: connection.prepare(`
      UPDATE turns SET state = ?, wait_ms = ?, first_token_ms = ?, ms = ?, input_tokens = ?, output_tokens = ?,
        cached_input_tokens = ?, cache_write_input_tokens = ?, cost_usd = ?, text = ?, tool_calls = ?, error = ?
      WHERE id = ?`),
    loseCall: connection.prepare(`UPDATE tool_calls SET state = 'unknown' WHERE id = ? AND state = 'running'`),
    loseTurn: connection.prepare(`UPDATE turns SET state = 'cancelled' WHERE id = ? AND state = 'asking'`),
    wordLate: connection.prepare(`
      INSERT OR IGNORE INTO word_late (id) SELECT :id FROM word_cursors WHERE run = :id >> 31 AND indexed_id >= :id`),
    addSettingChange: connection.prepare(`
      INSERT OR IGNORE INTO setting_changes (id, version, at_ms, key, from_value, to_value, changed_by)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    addSettings: connection.prepare(
      'INSERT OR IGNORE INTO setting_versions (version, at_ms, settings) VALUES (?, ?, ?)',
    ),
    addFrame: connection.prepare('INSERT INTO metric_frames (at_ms, figures) VALUES (?, ?)'),
  };
}
