/**
 * A function that runs in a worker thread of the cpu lane. Input and output are structured-cloned; what it throws reaches the
 * caller, an `AppError` with its code and details. It must not leave timers, handles or listeners behind.
 */
export type CpuTask = (input: never) => unknown;

/** The tasks of a registry by name, each loaded by a thread when it first runs it. */
export type CpuTasks = Readonly<Record<string, () => Promise<CpuTask>>>;

/** Every task of the cpu lane; a new one is an entry here. */
export const CPU_TASKS: CpuTasks = {
  'list-files': async () => (await import('../tools/cpu/list-files-task.ts')).listFilesTask,
  'search-files': async () => (await import('../tools/cpu/search-files-task.ts')).searchFilesTask,
  'files-basis': async () => (await import('../tools/cpu/files-basis.ts')).filesBasisTask,
  'build-knowledge': async () => (await import('../knowledge/build-knowledge-task.ts')).buildKnowledgeTask,
  'search-knowledge': async () => (await import('../knowledge/search-knowledge-task.ts')).searchKnowledgeTask,
  'outline-file': async () => (await import('../tools/cpu/outline-file-task.ts')).outlineFileTask,
};
