import type { AgentAdded, AgentChanged, Notice, RunChanged } from '../../../shared/events/runtime-event.ts';
import { isFinalAgentState, type AgentState } from '../../../shared/model/states.ts';
import type { Connection } from '../store/database.ts';
import type { OpenRun } from './run-rows.ts';

/** Passing states change the session's row only: its turns and calls say the same with their times. */
const PASSING: ReadonlySet<AgentState> = new Set(['asking', 'running tools']);

/** The rows of agents, and of the changes of state of agents and runs. */
export class SessionRows {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = prepare(connection);
  }

  add(run: OpenRun, event: AgentAdded): void {
    const id = run.nextId++;
    const { agent, name, kind, atMs, system, prompt } = event;
    const row = this.#statements.add.get({ id, run: run.run, agent, name, kind, atMs }) as { id: number };
    this.#statements.addPrompt.run({ id: row.id, system, prompt });
    run.areAgentsChanged = true;
  }

  change(run: OpenRun, event: AgentChanged): void {
    const { agent, state, atMs } = event;
    const change = {
      run: run.run,
      agent,
      state,
      atMs,
      reason: event.reason ?? null,
      stop: event.stop ? JSON.stringify(event.stop) : null,
      answerId: event.answer === undefined ? null : run.nextId++,
    };
    if (event.answer !== undefined)
      this.#statements.addAnswer.run({ id: change.answerId, run: run.run, agent, answer: event.answer });
    if (this.#statements.change.run(change).changes === 0) {
      const { runId } = event;
      this.add(run, {
        type: 'agent.added',
        runId,
        atMs,
        agent,
        name: `agent ${agent}`,
        kind: 'model',
        system: '',
        prompt: '',
      });
      this.#statements.change.run(change);
    }
    if (isFinalAgentState(state) || state === 'queued') run.areAgentsChanged = true;
    if (PASSING.has(state)) return;
    this.#statements.addEvent.run({
      id: run.nextId++,
      run: run.run,
      agent,
      atMs,
      state,
      reason: change.reason,
      untilMs: event.untilMs ?? null,
      error: null,
    });
  }

  recordRunChange(run: OpenRun, event: RunChanged): void {
    this.#statements.addEvent.run({
      id: run.nextId++,
      run: run.run,
      agent: null,
      atMs: event.atMs,
      state: event.state,
      reason: event.reason ?? null,
      untilMs: null,
      error: event.error ? JSON.stringify(event.error) : null,
    });
  }

  notice(run: OpenRun, event: Notice): void {
    const { atMs, level, text } = event;
    this.#statements.addNotice.run({ id: run.nextId++, run: run.run, agent: event.agent ?? null, atMs, level, text });
  }
}

function prepare(connection: Connection) {
  return {
    add: connection.prepare(`
      INSERT INTO sessions (id, run, agent, name, kind, state, added_at_ms, changed_at_ms)
      VALUES (:id, :run, :agent, :name, :kind, 'queued', :atMs, :atMs)
      ON CONFLICT (run, agent) DO UPDATE SET name = excluded.name, kind = excluded.kind
      RETURNING id`),
    addPrompt: connection.prepare(`
      INSERT INTO prompts (id, system, prompt) VALUES (:id, :system, :prompt)
      ON CONFLICT (id) DO UPDATE SET system = excluded.system, prompt = excluded.prompt`),
    addAnswer: connection.prepare('INSERT INTO answers (id, run, agent, answer) VALUES (:id, :run, :agent, :answer)'),
    change: connection.prepare(`
      UPDATE sessions SET
        elapsed_ms = elapsed_ms + CASE WHEN state IN ('asking', 'running tools', 'retrying', 'waiting for approval')
          THEN max(0, :atMs - changed_at_ms) ELSE 0 END,
        state = :state, reason = :reason, stop = :stop, changed_at_ms = :atMs,
        answer_id = coalesce(:answerId, answer_id)
      WHERE run = :run AND agent = :agent`),
    addEvent: connection.prepare(`
      INSERT INTO events (id, run, agent, at_ms, state, reason, until_ms, error)
      VALUES (:id, :run, :agent, :atMs, :state, :reason, :untilMs, :error)`),
    addNotice: connection.prepare(`
      INSERT INTO notices (id, run, agent, at_ms, level, text) VALUES (:id, :run, :agent, :atMs, :level, :text)`),
  };
}
