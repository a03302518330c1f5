import type { Processes } from '../processes/owned-process.ts';
import type { CpuWorkers } from '../workers/cpu-lane.ts';
import { searchKnowledgeTool } from '../knowledge/search-knowledge.ts';
import { httpTool } from './built-in/http.ts';
import { listFilesTool } from './built-in/list-files.ts';
import { outlineFileTool } from './built-in/outline-file.ts';
import { readFileTool } from './built-in/read-file.ts';
import { searchFilesTool } from './built-in/search-files.ts';
import { shellTool } from './built-in/shell.ts';
import { writeFileTool } from './built-in/write-file.ts';
import { openHttpClients } from './http-clients.ts';
import type { Tool } from './tool.ts';

/** What the built-in tools work with; all of it stays its owner's. */
export interface BuiltInToolsDeps {
  readonly processes: Processes;
  readonly cpuWorkers: CpuWorkers;
  /** Read anew for each shell. */
  readonly settings: () => {
    /** Between asking a program to end and forcing it. */
    readonly stopGraceMs: number;
  };
}

/** The tools every fleet may name, and the connections of `http`, which end when this is disposed of. */
export interface BuiltInTools extends AsyncDisposable {
  readonly tools: readonly Tool[];
}

/** Opens the built-in tools. They keep nothing of a run, so that all runs share them. */
export function builtInTools({ processes, cpuWorkers, settings }: BuiltInToolsDeps): BuiltInTools {
  const clients = openHttpClients();
  // A tool is called with what its own schema has checked, which the type of a list of different ones cannot say.
  const tools = [
    listFilesTool(cpuWorkers),
    readFileTool,
    writeFileTool,
    searchFilesTool(cpuWorkers),
    outlineFileTool(cpuWorkers),
    searchKnowledgeTool(cpuWorkers),
    shellTool({ processes, stopGraceMs: () => settings().stopGraceMs }),
    httpTool(clients),
  ] as Tool[];
  return { tools, [Symbol.asyncDispose]: () => clients[Symbol.asyncDispose]() };
}
