import type { Connection } from '../store/database.ts';

/** The contexts of sessions that left the memory of the program that runs. */
export class SpilledContexts {
  readonly #statements;

  /** What another program left is of no use to anybody: its sessions are taken up from their records. */
  constructor(connection: Connection) {
    connection.exec('DELETE FROM spilled_contexts');
    this.#statements = {
      save: connection.prepare('INSERT OR REPLACE INTO spilled_contexts (session, content) VALUES (?, ?)'),
      load: connection.prepare('SELECT content FROM spilled_contexts WHERE session = ?').pluck(),
      drop: connection.prepare('DELETE FROM spilled_contexts WHERE session = ?'),
    };
  }

  save(session: string, content: string): void {
    this.#statements.save.run(session, content);
  }

  load(session: string): string | undefined {
    return this.#statements.load.get(session) as string | undefined;
  }

  drop(session: string): void {
    this.#statements.drop.run(session);
  }
}
