import { z } from 'zod';
import type { Tool } from '../../../../runtime/tools/tool.ts';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import { fleetOf, openModelServer, type AskingFleet } from './model-server.ts';

/** Large enough that two do not fit into the smallest cache. */
const LONG = 'x'.repeat(20_000);

/** Something that one cache of a plane keeps by key, seen from where it would be made. */
export interface KeptValues extends AsyncDisposable {
  readonly test: TestPlane;
  /** Asks for the value of `a`, `b` or `c` by a run of its own; answers whether it had to be made. */
  use(key: 'a' | 'b' | 'c'): Promise<boolean>;
}

export type OpenKeptValues = (values: SettingValues) => Promise<KeptValues>;

/** Schemas, read from the tools that have them. */
export const openSchemas: OpenKeptValues = async (values) => {
  let made = 0;
  const input = z.strictObject({});
  const toTool = (key: string): Tool => ({
    name: `tool_${key}`,
    description: LONG,
    get input() {
      made++;
      return input;
    },
    lane: 'io',
    repeatable: false,
    run: async () => ({ text: '' }),
  });
  return await openKept(values, {
    tools: ['a', 'b', 'c'].map(toTool),
    toFleet: (key) => ({ tools: [`tool_${key}`] }),
    made: () => made,
  });
};

/** Outputs of a tool that can be repeated, of which what they are made from never changes. */
export const openResults: OpenKeptValues = async (values) => {
  let made = 0;
  const look: Tool<{ readonly text: string }> = {
    name: 'look',
    description: 'Looks.',
    input: z.strictObject({ text: z.string() }),
    lane: 'io',
    repeatable: true,
    basis: { lane: 'io', look: async () => 'always' },
    run: async () => {
      made++;
      return { text: LONG, basis: 'always' };
    },
  };
  return await openKept(values, {
    tools: [look],
    toFleet: (key) => ({ prompt: key, tools: ['look'], cache: { share: true } }),
    made: () => made,
    calls: 'look',
  });
};

/** Answers at temperature 0, asked of the server. */
export const openAnswers: OpenKeptValues = async (values) => {
  let made = 0;
  return await openKept(values, {
    tools: [],
    toFleet: (key) => ({ prompt: key, temperature: 0, cache: { modelAnswers: true, share: true } }),
    made: () => made,
    onAsked: () => void made++,
  });
};

interface KeptParts {
  readonly tools: readonly Tool[];
  readonly toFleet: (key: string) => AskingFleet;
  /** How many values were made so far. */
  readonly made: () => number;
  /** The tool that each agent calls once. */
  readonly calls?: string;
  readonly onAsked?: () => void;
}

async function openKept(
  values: SettingValues,
  { tools, toFleet, made, calls, onAsked }: KeptParts,
): Promise<KeptValues> {
  await using opening = new AsyncDisposableStack();
  const model = opening.use(
    await openModelServer(({ prompt, toolOutputs, call, say }) => {
      onAsked?.();
      if (calls !== undefined && toolOutputs.length === 0) call(calls, { text: prompt });
      else say(LONG);
    }),
  );
  const test = opening.use(await openTestPlane(values, tools));
  const owned = opening.move();
  return {
    test,
    async use(key) {
      const before = made();
      await (
        await test.launch(fleetOf(model, toFleet(key)))
      ).settled;
      return made() > before;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
