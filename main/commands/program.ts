import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type Choose, type Chosen, collect, group, leaf, only, toPort, toWhole, UsageProblem } from './command-tree.ts';
import { type CommandFrame, type CommonOptions, createFrame } from './frame.ts';
import type { ServeOptions } from './serve.ts';
import type { SimulateOptions } from './simulate.ts';
import { addHistory } from './history-commands.ts';
import { USAGE_EXIT } from './usage.ts';

/** Parses `args`, carries the command out and answers the exit code; each command's module is loaded only when it is chosen. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const version = readVersion();
  let chosen: Chosen | undefined;
  const program = buildProgram(version, (choice) => (chosen = choice));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (!(error instanceof UsageProblem)) throw error;
    process.stderr.write(`${error.message}\n`);
    return USAGE_EXIT;
  }
  if (!chosen) return 0;
  const { options, act } = chosen;
  const frame = createFrame(options, version);
  using defects = catchDefects();
  try {
    return await Promise.race([act(frame), defects.first]);
  } catch (error) {
    const { reportFailure } = await import('./failure.ts');
    return await reportFailure(error, frame.dataDir, frame.output);
  } finally {
    await frame.output.flush();
  }
}

/**
 * What nobody caught ends the command like any other failure, with an incident id and no stack trace. The process exits then:
 * after a defect in the background nothing it holds can be trusted, and what was recorded is kept.
 */
function catchDefects(): Disposable & { readonly first: Promise<never> } {
  const { promise: first, reject } = Promise.withResolvers<never>();
  first.catch(() => {});
  process.on('uncaughtException', reject);
  return { first, [Symbol.dispose]: () => void process.off('uncaughtException', reject) };
}

function buildProgram(version: string, choose: Choose): Command {
  const program = group(
    new Command('flotilla'),
    'Runs fleets of AI agents on this machine, bounded, and records what they do.',
  );
  program.version(version, '--version', 'show the version');
  addRun(program, choose);
  addRunControl(program, choose);
  addValidate(program, choose);
  addServe(program, choose);
  addSimulate(program, choose);
  addSettings(program, choose);
  addStatus(program, choose);
  addHistory(program, choose);
  return program;
}

function addRun(program: Command, choose: Choose): void {
  leaf(program, 'run', 'run a fleet here, in the terminal')
    .argument('[FILE]', 'the fleet file; an example when left out')
    .option('--set <key=value>', 'a value that stands above the file, such as limits.turns=5; repeatable', collect)
    .option('--resume <RUN>', 'continue this run instead of starting a new one')
    .option('--only <failed>', 'with --resume: run again only the agents that failed', only)
    .option('--setting <key=value>', 'a setting of the program for as long as it runs; repeatable', collect)
    .action((file: string | undefined, options: RunOptions) =>
      choose({ options, act: async (frame) => (await import('./run.ts')).run(file, options, frame) }),
    );
}

function addRunControl(program: Command, choose: Choose): void {
  leaf(program, 'pause', 'pause a live run; each agent stops at its next turn')
    .argument('<RUN>')
    .action((runId: string, options: CommonOptions) =>
      choose({ options, act: async (frame) => (await import('./run-control.ts')).pauseRun(runId, frame) }),
    );
  leaf(program, 'resume', 'let a paused run go on')
    .argument('<RUN>')
    .option('--budget-usd <AMOUNT>', 'the budget of the whole run from here on, in US dollars')
    .option('--budget-tokens <COUNT>', 'the same in tokens: 200000, 200k or 1.5M')
    .action((runId: string, options: CommonOptions & { budgetUsd?: string; budgetTokens?: string }) =>
      choose({ options, act: async (frame) => (await import('./run-control.ts')).resumeRun(runId, options, frame) }),
    );
  const stop = leaf(program, 'stop', 'stop a live run, or all of them; what was done is kept')
    .argument('[RUN]')
    .option('--all', 'every live run')
    .option('--deadline-ms <N>', 'time the agents get to end by themselves', toWhole)
    .action((runId: string | undefined, options: CommonOptions & { all?: boolean; deadlineMs?: number }) => {
      if ((runId === undefined) === (options.all !== true)) {
        stop.error('name one run or say --all', { code: 'flotilla.stop' });
      }
      const act = async (frame: CommandFrame): Promise<number> =>
        runId === undefined
          ? (await import('./run-control.ts')).stopAllRuns(options.deadlineMs, frame)
          : (await import('./run-control.ts')).stopRun(runId, options.deadlineMs, frame);
      choose({ options, act });
    });
}

function addValidate(program: Command, choose: Choose): void {
  leaf(program, 'validate', 'check a fleet file and list every mistake')
    .argument('<FILE>')
    .option('--set <key=value>', 'as with run; repeatable', collect)
    .action((file: string, options: CommonOptions & { set?: string[] }) =>
      choose({
        options,
        act: async () => {
          const { validate } = await import('./validate.ts');
          return validate(
            file,
            { json: options.json === true, print: (text) => void process.stdout.write(`${text}\n`) },
            options.set,
          );
        },
      }),
    );
}

function addServe(program: Command, choose: Choose): void {
  leaf(program, 'serve', 'the screens in a browser on this machine, in the foreground')
    .option('--port <N>', 'on loopback; any free one unless told', toPort)
    .option('--open', 'open them in the browser')
    .action((options: ServeOptions) =>
      choose({ options, act: async (frame) => (await import('./serve.ts')).serve(options, frame) }),
    );
}

function addSimulate(program: Command, choose: Choose): void {
  leaf(program, 'simulate', 'the simulated provider, in the foreground; needs no key and no network')
    .option('--port <N>', 'on loopback; any free one unless told')
    .option('--first-token-ms <N>', 'time to the first token')
    .option('--first-token-spread-ms <N>', 'how much that time varies')
    .option('--tokens-per-sec <N>', 'speed of each stream')
    .option('--requests-per-min <N>', 'answers 429 beyond it')
    .option('--tokens-per-min <N>', 'answers 429 beyond it')
    .option('--error-ratio <R>', 'share of requests answered with a server error, 0 to 1')
    .option('--stall-ratio <R>', 'share of streams that fall silent, 0 to 1')
    .option('--disconnect-ratio <R>', 'share of streams that break off, 0 to 1')
    .option('--seed <N>', 'makes its choices repeatable')
    .option('--http1', 'HTTP/1.1 only')
    .option('--key <KEY>', 'the key clients must send; any unless told')
    .action((options: SimulateOptions) =>
      choose({ options, act: async (frame) => (await import('./simulate.ts')).runSimulate(options, frame) }),
    );
}

function addSettings(program: Command, choose: Choose): void {
  const settings = group(program.command('settings'), 'the limits of the program, live where an instance runs');
  leaf(settings, 'list', 'every setting').action((options: CommonOptions) =>
    choose({ options, act: async (frame) => (await import('./settings/setting-commands.ts')).listSettings(frame) }),
  );
  leaf(settings, 'get', 'one setting')
    .argument('<KEY>')
    .action((key: string, options: CommonOptions) =>
      choose({
        options,
        act: async (frame) => (await import('./settings/setting-commands.ts')).getSetting(key, frame),
      }),
    );
  leaf(settings, 'set', 'change a setting; 256MiB, 5s and the like are understood')
    .argument('<KEY>')
    .argument('<VALUE>')
    .action((key: string, value: string, options: CommonOptions) =>
      choose({
        options,
        act: async (frame) => (await import('./settings/setting-commands.ts')).setSetting(key, value, frame),
      }),
    );
  leaf(settings, 'history', 'who changed what, newest first')
    .option('--limit <N>', 'how many', toWhole, 100)
    .action((options: CommonOptions & { limit: number }) =>
      choose({
        options,
        act: async (frame) => (await import('./settings/setting-commands.ts')).listSettingChanges(options.limit, frame),
      }),
    );
  leaf(settings, 'undo', 'take back the newest change, or the one with this version')
    .argument('[VERSION]', 'as "settings history" shows it', toWhole)
    .action((version: number | undefined, options: CommonOptions) =>
      choose({
        options,
        act: async (frame) => (await import('./settings/setting-commands.ts')).undoSetting(version, frame),
      }),
    );
  leaf(settings, 'preset', 'take over limits that fit together; without a name, what there is and would change')
    .argument('[NAME]')
    .option('--save', 'keep what the settings file says under this name')
    .option('--remove', 'forget the preset saved under this name')
    .action((name: string | undefined, options: PresetOptions) =>
      choose({
        options,
        act: async (frame) => (await import('./settings/presets.ts')).runPreset(name, options, frame),
      }),
    );
}

function addStatus(program: Command, choose: Choose): void {
  leaf(program, 'status', 'the running instance at a glance').action((options: CommonOptions) =>
    choose({ options, act: async (frame) => (await import('./status.ts')).showStatus(frame) }),
  );
}

/** Options of `settings preset`. */
export interface PresetOptions extends CommonOptions {
  readonly save?: boolean;
  readonly remove?: boolean;
}

/** Options of `run`. */
export interface RunOptions extends CommonOptions {
  readonly set?: readonly string[];
  readonly setting?: readonly string[];
  readonly resume?: string;
  readonly only?: 'failed';
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
