/** A table of a run as an archive holds it. */
export interface ArchiveTable {
  readonly name: string;
  /** Without `run`, which differs from history to history. */
  readonly columns: readonly string[];
  /** Columns that hold ids: they are stored without the run's part, so that the same run makes the same archive anywhere. */
  readonly idColumns: ReadonlySet<string>;
}

const table = (name: string, columns: string, idColumns = 'id'): ArchiveTable => ({
  name,
  columns: columns.split(' '),
  idColumns: new Set(idColumns.split(' ')),
});

/** The run itself; `next_id` is an id. */
export const RUN_TABLE = table(
  'runs',
  'run_id fleet fleet_path fleet_text overrides workspace settings_version state reason error started_at_ms ended_at_ms changed_at_ms next_id agents agents_done agents_failed agents_at_limit turns retries tool_calls tool_calls_failed input_tokens output_tokens cost_usd unpriced_turns agents_cut_short worked_ms working_since_ms budget',
  'next_id',
);

/** Columns of a run that archives of before the fifth migration have not: filled from the rest of the run. */
export const LATER_RUN_COLUMNS: readonly (number | null)[] = [0, 0, null, null];

/** Everything of a run, in the order in which it can be written. */
export const ARCHIVE_TABLES: readonly ArchiveTable[] = [
  table(
    'sessions',
    'id agent name kind state reason stop added_at_ms changed_at_ms elapsed_ms began_id answer_id',
    'id began_id answer_id',
  ),
  table('prompts', 'id system prompt'),
  table('answers', 'id agent answer'),
  table(
    'turns',
    'id agent turn attempt state provider model started_at_ms wait_ms first_token_ms ms input_tokens output_tokens cached_input_tokens cache_write_input_tokens cost_usd text tool_calls error',
  ),
  table(
    'tool_calls',
    'id agent turn call state tool provider_call_id started_at_ms wait_ms ms output_bytes arguments output error',
  ),
  table('cached_answers', 'id'),
  table('events', 'id agent at_ms state reason until_ms error'),
  table('notices', 'id agent at_ms level text'),
];

/** Whether the table has a `run` column of its own. */
export function hasRunColumn({ name }: ArchiveTable): boolean {
  return name !== 'prompts' && name !== 'cached_answers';
}

/** Begins every archive; the number is the format's version. */
export const ARCHIVE_MAGIC = Buffer.from('FLOTILLA-RUN 1\n');

/** Ends every archive: SHA-256 of everything before it. */
export const ARCHIVE_DIGEST_BYTES = 32;

/** Ids a run has room for; see the first migration. */
export const IDS_PER_RUN = 2 ** 31;
