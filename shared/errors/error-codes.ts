/**
 * Every failure a caller can branch on.
 *
 * Codes are public: they appear in logs, JSON lines, history, docs/errors.md and on screens.
 * Add one; never rename or reuse one. `retryable` answers "may the same call be made again,
 * unchanged, and succeed?". `exit` is the process exit code when the failure ends a command
 * (CLI exit codes: 3 the input is wrong, 4 the environment is wrong, 70 a defect of ours).
 */
export const ERROR_CODES = {
  INTERNAL: {
    retryable: false,
    exit: 70,
    summary: 'A defect in Flotilla; the incident id finds its cause in the log.',
  },
  INPUT_INVALID: { retryable: false, exit: 3, summary: 'An argument or a message does not have the expected form.' },
  DEADLINE_EXCEEDED: { retryable: true, exit: 4, summary: 'The call did not finish before its deadline.' },

  FLEET_INVALID: { retryable: false, exit: 3, summary: 'The fleet file has mistakes; each is listed with its place.' },
  FLEET_NOT_FOUND: { retryable: false, exit: 3, summary: 'The fleet file does not exist or cannot be read.' },
  RUN_NOT_FOUND: { retryable: false, exit: 3, summary: 'No run has this id.' },
  RUN_NOT_LIVE: {
    retryable: false,
    exit: 3,
    summary: 'The run is not live in any instance, so it cannot be acted on.',
  },
  AGENT_NOT_LIVE: {
    retryable: false,
    exit: 3,
    summary: 'The run has no agent of this number, or it has ended already.',
  },
  AGENT_NOT_PAUSABLE: {
    retryable: false,
    exit: 3,
    summary: 'The agent is a program that runs already: it cannot be held up, only stopped.',
  },
  RUN_NOT_RESUMABLE: { retryable: false, exit: 3, summary: 'The run has nothing left to resume, or is live already.' },
  RESULTS_NOT_WRITABLE: { retryable: false, exit: 4, summary: 'The results file of the run cannot be opened.' },
  FILE_CHANGED: { retryable: false, exit: 3, summary: 'The file was changed by someone else since it was read.' },
  FILE_NOT_WRITABLE: { retryable: false, exit: 4, summary: 'The file cannot be written.' },
  SETTING_UNKNOWN: { retryable: false, exit: 3, summary: 'No setting has this key.' },
  SETTING_INVALID: {
    retryable: false,
    exit: 3,
    summary: 'The value is outside the bounds of the setting or contradicts another.',
  },

  LANE_SATURATED: { retryable: true, exit: 4, summary: 'The queue is full; the task was not accepted.' },
  LANE_CLOSED: { retryable: false, exit: 70, summary: 'The lane no longer accepts work.' },
  CIRCUIT_OPEN: {
    retryable: true,
    exit: 4,
    summary: 'Calls of a provider or a tool are held back for a while since too many of them failed.',
  },
  TASK_TIMED_OUT: { retryable: true, exit: 4, summary: 'The task did not finish before its deadline.' },
  TASK_CANCELLED: { retryable: false, exit: 130, summary: 'The task was cancelled by its caller.' },
  WORKER_LOST: {
    retryable: false,
    exit: 4,
    summary: 'The worker thread died; the task did not declare itself repeatable.',
  },
  MEMORY_SHORT: {
    retryable: true,
    exit: 4,
    summary: 'The machine is short of memory, and the settings refuse launches then instead of letting them wait.',
  },
  POOL_MISUSED: {
    retryable: false,
    exit: 70,
    summary: 'A pooled buffer or object was released twice, or used after its release.',
  },
  TASK_POISONED: {
    retryable: false,
    exit: 4,
    summary: 'Two worker threads died while they ran the task; it is not given a third.',
  },
  WORKER_OUT_OF_MEMORY: { retryable: false, exit: 4, summary: 'The worker thread exceeded its heap limit.' },

  PROVIDER_UNKNOWN: { retryable: false, exit: 3, summary: 'The fleet names a provider or model that is not defined.' },
  PROVIDER_KEY_MISSING: {
    retryable: false,
    exit: 3,
    summary: 'The provider needs a key and its environment variable is not set.',
  },
  KEYCHAIN_UNAVAILABLE: {
    retryable: false,
    exit: 4,
    summary:
      'Keys cannot be kept here: the operating system offers no keychain, or the program runs without its desktop.',
  },
  PROVIDER_UNREACHABLE: { retryable: true, exit: 4, summary: 'No connection to the provider could be made.' },
  PROVIDER_CERTIFICATE_REFUSED: { retryable: false, exit: 4, summary: "The provider's certificate is not trusted." },
  PROVIDER_RATE_LIMITED: { retryable: true, exit: 4, summary: 'The provider answered 429.' },
  PROVIDER_OVERLOADED: { retryable: true, exit: 4, summary: 'The provider answered with a server error.' },
  PROVIDER_REFUSED: { retryable: false, exit: 4, summary: 'The provider refused the request.' },
  PROVIDER_AUTH_REFUSED: { retryable: false, exit: 4, summary: 'The provider refused the key.' },
  PROVIDER_STALLED: { retryable: true, exit: 4, summary: 'The stream sent nothing for longer than the stall limit.' },
  PROVIDER_STREAM_BROKEN: { retryable: true, exit: 4, summary: 'The stream ended before the answer did.' },
  PROVIDER_PROTOCOL: { retryable: true, exit: 4, summary: 'The provider sent something its protocol does not allow.' },

  KNOWLEDGE_UNFIT: {
    retryable: false,
    exit: 3,
    summary: 'The documents of the fleet cannot be read: no text file fits, or they are too large.',
  },
  TOOL_UNKNOWN: { retryable: false, exit: 3, summary: 'No tool has this name.' },
  TOOL_DENIED: {
    retryable: false,
    exit: 3,
    summary: 'The fleet file does not allow this tool, or the operator has switched it off.',
  },
  TOOL_ARGUMENTS_INVALID: { retryable: false, exit: 3, summary: "The arguments do not fit the tool's schema." },
  TOOL_FAILED: { retryable: false, exit: 4, summary: 'The tool ran and reported a failure.' },
  WORKSPACE_ESCAPE: { retryable: false, exit: 3, summary: 'The path leads outside the workspace.' },
  FILE_NOT_FOUND: { retryable: false, exit: 3, summary: 'The file or folder does not exist.' },
  FILE_NOT_TEXT: { retryable: false, exit: 3, summary: 'The file is not UTF-8 text.' },
  PATTERN_INVALID: { retryable: false, exit: 3, summary: 'The regular expression or glob cannot be read.' },
  ADDRESS_REFUSED: { retryable: false, exit: 3, summary: 'The address or scheme is not allowed.' },

  PROGRAM_NOT_FOUND: { retryable: false, exit: 3, summary: 'The program does not exist or may not be executed.' },
  PROGRAM_FAILED: { retryable: false, exit: 4, summary: 'The program ended with an exit code other than 0.' },
  PROCESS_LIMIT: { retryable: true, exit: 4, summary: 'The operating system allows no more processes or open files.' },
  LAUNCHER_LOST: { retryable: true, exit: 70, summary: 'The launcher process ended; its children were stopped.' },

  DATA_DIR_READ_ONLY: { retryable: false, exit: 4, summary: 'The data directory cannot be written.' },
  DISK_FULL: { retryable: true, exit: 4, summary: 'The disk with the data directory is full.' },
  HISTORY_LOCKED: { retryable: true, exit: 4, summary: 'Another program holds the history database.' },
  HISTORY_DAMAGED: { retryable: false, exit: 4, summary: 'The history database does not pass its integrity check.' },
  HISTORY_NEWER: { retryable: false, exit: 4, summary: 'The history database was written by a newer Flotilla.' },
  ARCHIVE_DAMAGED: {
    retryable: false,
    exit: 3,
    summary: 'The file is not a Flotilla export or its checksum is wrong.',
  },
  PORT_IN_USE: { retryable: false, exit: 4, summary: 'Another program listens on this port.' },
  INSTANCE_UNREACHABLE: {
    retryable: true,
    exit: 4,
    summary: 'The instance that owns the data directory does not answer.',
  },
  CONTRACT_VERSION: { retryable: false, exit: 4, summary: 'The other side speaks another version of the contract.' },
} as const satisfies Record<string, { retryable: boolean; exit: number; summary: string }>;

/** A code of the registry. */
export type ErrorCode = keyof typeof ERROR_CODES;
