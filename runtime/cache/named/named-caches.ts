import type { ToolSchema } from '../../../shared/model/conversation.ts';
import type { CacheName } from '../../../shared/model/cache-words.ts';
import type { ModelReply } from '../../providers/provider.ts';
import type { Clock } from '../../time/clock.ts';
import { NamedCache, type CacheValues, type NamedCacheFigures } from './named-cache.ts';
import { SessionContexts, type SpillFigures } from './session-contexts.ts';
import type { SpillStore } from './spill-store.ts';

/** What a value takes beside its text: its objects and short fields. */
const VALUE_BYTES = 200;

/** The output of a tool that can be given again while its basis is the same. */
export interface KeptResult {
  readonly text: string;
  /** Size before anything was cut, when the tool cut it. */
  readonly outputBytes: number | undefined;
  /** What it was made from; see `Tool.basis`. */
  readonly basis: string;
}

/** The limits of every cache. */
export type CachesValues = Readonly<Record<CacheName, CacheValues>>;

/** The caches of the program, as those who use them and those who watch them see them. */
export interface NamedCaches extends Disposable {
  readonly toolSchemas: NamedCache<ToolSchema>;
  readonly toolResults: NamedCache<KeptResult>;
  readonly modelAnswers: NamedCache<ModelReply>;
  readonly sessionContexts: SessionContexts;
  /** Takes over new limits, at once for what comes in. Resolves when they hold. @throws {AppError} INPUT_INVALID */
  reconfigure(values: CachesValues): Promise<void>;
  /** In the order of `CACHE_NAMES`. */
  figures(): readonly (NamedCacheFigures & Partial<SpillFigures>)[];
}

/** How the caches are made. */
export interface NamedCachesOptions {
  readonly clock: Clock;
  readonly values: CachesValues;
  /** Where contexts of sessions go that do not fit; without it they stay in memory. */
  readonly spillStore?: SpillStore | undefined;
}

/** All caches of the program, empty. Disposing of them stops their timers. */
export function createNamedCaches({ clock, values, spillStore }: NamedCachesOptions): NamedCaches {
  const toolSchemas = new NamedCache<ToolSchema>({
    name: 'toolSchemas',
    clock,
    values: values.toolSchemas,
    bytesOf: (schema) => toBytes(JSON.stringify(schema)),
  });
  const toolResults = new NamedCache<KeptResult>({
    name: 'toolResults',
    clock,
    values: values.toolResults,
    bytesOf: ({ text, basis }) => toBytes(text, basis),
  });
  const modelAnswers = new NamedCache<ModelReply>({
    name: 'modelAnswers',
    clock,
    values: values.modelAnswers,
    bytesOf: ({ text, toolCalls }) => toBytes(text, JSON.stringify(toolCalls)),
  });
  const sessionContexts = new SessionContexts({ clock, values: values.sessionContexts, store: spillStore });
  const all = [toolSchemas, toolResults, modelAnswers, sessionContexts] as const;
  return {
    toolSchemas,
    toolResults,
    modelAnswers,
    sessionContexts,
    async reconfigure(next) {
      await Promise.all([
        toolSchemas.reconfigure(next.toolSchemas),
        toolResults.reconfigure(next.toolResults),
        modelAnswers.reconfigure(next.modelAnswers),
        sessionContexts.reconfigure(next.sessionContexts),
      ]);
    },
    figures: () => all.map((cache) => cache.figures()),
    [Symbol.dispose]: () => sessionContexts[Symbol.dispose](),
  };
}

/** Two bytes a character, which text beyond Latin-1 takes. */
function toBytes(...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + 2 * text.length, VALUE_BYTES);
}
