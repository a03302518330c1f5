import Database from 'better-sqlite3';
import { join } from 'node:path';
import { MIGRATIONS } from '../../../main/history/migrations/migrations.ts';
import type { Measured } from '../section.ts';
import { callOf, RUN, temporaryDataDir } from './call-load.ts';

const BATCH_ROWS = 1_000;

/** The rows of the load by better-sqlite3 alone: same schema and indexes, WAL, one thread, 1,000 rows a transaction. */
export async function measureBareSqlite(warmUpCalls: number, calls: number): Promise<Measured> {
  using directory = temporaryDataDir();
  const database = new Database(join(directory.path, 'bare.sqlite'));
  // As its documentation recommends: WAL, checkpoints left to SQLite.
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma('foreign_keys = ON');
  for (const { sql } of MIGRATIONS) database.exec(sql);
  database
    .prepare(
      `INSERT INTO runs (run, run_id, fleet, fleet_path, fleet_text, overrides, workspace, settings_version, state,
         started_at_ms, changed_at_ms, next_id, agents)
       VALUES (1, ?, 'bench', '', '', '{}', '', 0, 'running', 0, 0, 1 << 31, 64)`,
    )
    .run(RUN);
  const add = database.prepare(`
    INSERT INTO tool_calls (id, run, agent, turn, call, state, tool, provider_call_id, started_at_ms, wait_ms, ms,
      output_bytes, arguments, output, error)
    VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)`);
  const addBatch = database.transaction((from: number, to: number) => {
    for (let n = from; n < to; n++) {
      const [, call] = callOf(n);
      const { agent, turn, state, tool, providerCallId, startedAtMs, waitMs, ms, outputBytes } = call;
      add.run(
        2 ** 31 + 1 + n,
        agent,
        turn,
        call.call,
        state,
        tool,
        providerCallId,
        startedAtMs,
        waitMs,
        ms,
        outputBytes,
        call.argumentsJson,
        call.output,
      );
    }
  });
  const write = (from: number, to: number): void => {
    for (let n = from; n < to; n += BATCH_ROWS) addBatch(n, Math.min(n + BATCH_ROWS, to));
  };
  write(0, warmUpCalls);
  const startMs = performance.now();
  write(warmUpCalls, warmUpCalls + calls);
  const opsPerSec = (calls / (performance.now() - startMs)) * 1_000;
  database.close();
  return { opsPerSec, bytesPerEvent: directory.bytes() / (warmUpCalls + calls) };
}
