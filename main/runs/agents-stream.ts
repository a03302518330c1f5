import type { LiveRun } from '../../runtime/fleet/fleets.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import type { RunId } from '../../shared/model/ids.ts';
import { isFinalRunState } from '../../shared/model/states.ts';
import type { RunRooms } from './run-rooms.ts';

/** Rows of a piece: encoding that many holds main for a few milliseconds. */
const PIECE_ROWS = 2_500;

/** How often a live run is looked at for rows that have changed. */
const LOOK_MS = 100;

/**
 * The agents of a run as tables: all of them first, names before their rows, then those that have changed until the run
 * has ended and its last rows went out. What changes while the receiver is slow becomes one row.
 *
 * @throws {AppError} RUN_NOT_FOUND, HISTORY_LOCKED, HISTORY_DAMAGED
 */
export function streamAgents(
  rooms: RunRooms,
  runId: RunId,
  signal: AbortSignal,
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  const journaled = rooms.journal.find(runId);
  return journaled ? liveAgents(journaled.run, rooms.clock, signal) : recordedAgents(rooms, runId);
}

async function* liveAgents(run: LiveRun, clock: Clock, signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { table } = run;
  // Before the first row is read: what changes meanwhile comes again.
  let seen = table.version;
  for (let from = 0; from < table.size; from += PIECE_ROWS) {
    const to = Math.min(from + PIECE_ROWS, table.size);
    yield table.encodeNames(from, to);
    yield table.encodeRows(Array.from({ length: to - from }, (_, at) => from + at));
    await clock.sleep(0, signal);
  }
  for (;;) {
    // Asked first: rows that change between the question and the reading are read too.
    const isOver = isFinalRunState(run.progress().state);
    const changed = table.changedAfter(seen);
    seen = table.version;
    for (let from = 0; from < changed.length; from += PIECE_ROWS) {
      yield table.encodeRows(changed.slice(from, from + PIECE_ROWS));
      // Other work of main comes first between two pieces.
      await clock.sleep(0, signal);
    }
    if (isOver) return;
    await clock.sleep(LOOK_MS, signal);
  }
}

async function* recordedAgents(
  { history: { reader } }: RunRooms,
  runId: RunId,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  await reader.getRun(runId);
  for (let after: number | undefined; ;) {
    const page = await reader.agentPage({ runId, after });
    // Deleted between two pages: what was read stays what it is.
    if (!page) return;
    yield page.names;
    yield page.rows;
    if (page.next === undefined) return;
    after = page.next;
  }
}
