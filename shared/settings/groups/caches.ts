import { CACHE_POLICIES, type CachePolicy } from '../../model/cache-words.ts';
import { bytes, choice, count, milliseconds, toggle, type NumberSetting } from '../define-setting.ts';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const entries = (what: string, byDefault: number): NumberSetting =>
  count({
    min: 1,
    max: 1_000_000,
    default: byDefault,
    applies: 'live',
    summary: `${what} kept at most; for the next, one that is worth least goes.`,
  });

const size = (what: string, byDefault: number): NumberSetting =>
  bytes({
    min: 64 * KIB,
    max: 64 * GIB,
    default: byDefault,
    applies: 'live',
    summary: `Memory of ${what}, keys included; what is larger is not kept.`,
  });

const policy = (what: string, byDefault: CachePolicy) =>
  choice({
    values: CACHE_POLICIES,
    default: byDefault,
    applies: 'live',
    summary: `Which of ${what} goes when room is needed; \`adaptive\` chooses by what is asked for.`,
  });

const time = (summary: string, byDefaultMs: number): NumberSetting =>
  milliseconds({ min: 0, max: 365 * DAY_MS, default: byDefaultMs, applies: 'live', summary });

const onOff = (summary: string) => toggle({ default: true, applies: 'live', summary });

/** What is kept in memory to be given again; none of it is needed for a right answer. */
export const cacheSettings = {
  'cache.toolSchemas.enabled': onOff('Whether the schemas of tools are kept once made.'),
  'cache.toolSchemas.maxEntries': entries('Schemas of tools', 1_000),
  'cache.toolSchemas.maxBytes': size('schemas of tools', 4 * MIB),
  'cache.toolSchemas.policy': policy('the schemas of tools', 'adaptive'),
  'cache.toolSchemas.ttlMs': time('Time after which the schema of a tool is made anew; 0 for never.', 0),

  'cache.toolResults.enabled': onOff(
    'Whether results of tools that can be repeated are given again while the files they were made from are the same.',
  ),
  'cache.toolResults.maxEntries': entries('Results of tools', 20_000),
  'cache.toolResults.maxBytes': size('results of tools', 64 * MIB),
  'cache.toolResults.policy': policy('the results of tools', 'adaptive'),
  'cache.toolResults.ttlMs': time(
    'Time after which a tool runs again although its files are the same; 0 for never.',
    0,
  ),

  'cache.modelAnswers.enabled': onOff('Whether fleets that ask for it get answers at temperature 0 again.'),
  'cache.modelAnswers.maxEntries': entries('Answers of models', 20_000),
  'cache.modelAnswers.maxBytes': size('answers of models', 64 * MIB),
  'cache.modelAnswers.policy': policy('the answers of models', 'adaptive'),
  'cache.modelAnswers.ttlMs': time('Time after which a model is asked again; 0 for never.', DAY_MS),

  'cache.sessionContexts.enabled': onOff(
    'Whether the contexts of paused agents may be moved to history; those that run stay in memory.',
  ),
  'cache.sessionContexts.maxEntries': entries('Contexts of agents, running ones among them,', 100_000),
  'cache.sessionContexts.maxBytes': size(
    'contexts of agents, above which those of paused ones go to history',
    256 * MIB,
  ),
  'cache.sessionContexts.policy': policy('the contexts of paused agents', 'lru'),
  'cache.sessionContexts.ttlMs': time(
    'Time after which the context of a paused agent goes to history although there is room; 0 for never.',
    10 * MINUTE_MS,
  ),
} as const;
