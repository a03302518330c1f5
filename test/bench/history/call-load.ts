import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToolCallFinished, ToolCallStarted } from '../../../shared/events/runtime-event.ts';

export const RUN = '01K00000000000000000000001';
const BEGAN_AT_MS = 1_790_000_000_000;
const AGENTS = 64;

/** The `n`th call of the load, as its beginning and its end: small arguments, a small output, 64 agents in turn. */
export function callOf(n: number): readonly [ToolCallStarted, ToolCallFinished] {
  const atMs = BEGAN_AT_MS + n / 50;
  const subject = {
    runId: RUN,
    agent: n % AGENTS,
    turn: 1 + Math.floor(n / AGENTS / 16),
    call: 1 + Math.floor(n / AGENTS),
    providerCallId: `call_${n % 1_000}`,
    tool: 'noop',
    argumentsJson: `{"id":"call-${n % 1_000}"}`,
  };
  return [
    { type: 'toolCall.started', atMs, ...subject },
    {
      type: 'toolCall.finished',
      ...subject,
      atMs: atMs + 0.75,
      state: 'done',
      startedAtMs: atMs,
      output: 'ok',
      outputBytes: 2,
      waitMs: 0.25,
      ms: 0.5,
    },
  ];
}

/** A data directory that is gone when the subject is done. */
export function temporaryDataDir(): Disposable & { readonly path: string; bytes(): number } {
  const path = mkdtempSync(join(tmpdir(), 'flotilla-history-'));
  return {
    path,
    bytes: () => readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
