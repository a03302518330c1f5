import { z } from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';

const ratio = z.number().min(0).max(1).default(0);
const amount = z.number().min(0).max(1e9).default(0);

/** What the simulated provider can be told; 0 means "no limit" or "as fast as possible". */
const simulatorOptionsSchema = z
  .strictObject({
    /** 0 takes a free one. */
    port: z.number().int().min(0).max(65_535).default(0),
    /** Between a request and its first token. */
    firstTokenMs: amount,
    /** Up to this much is added to `firstTokenMs`, uniformly. */
    firstTokenSpreadMs: amount,
    /** Of each stream. */
    tokensPerSec: amount,
    requestsPerMin: amount,
    tokensPerMin: amount,
    /** Share of requests answered with a server error. */
    errorRatio: ratio,
    /** Share of requests whose answer stops half-way and stays open. */
    stallRatio: ratio,
    /** Share of requests whose answer breaks off half-way. */
    disconnectRatio: ratio,
    /** Of the draws that decide which requests fail and how far their first token spreads. */
    seed: z.number().int().min(0).default(1),
    /** Offers HTTP/1.1 only. */
    http1: z.boolean().default(false),
    /** The key a client must send; absent: any. */
    key: z.string().min(1).optional(),
  })
  .refine((options) => options.errorRatio + options.stallRatio + options.disconnectRatio <= 1, {
    message: 'errorRatio, stallRatio and disconnectRatio together exceed 1',
  });

/** Checked options, every one present. */
export type SimulatorOptions = Readonly<z.output<typeof simulatorOptionsSchema>>;

/** Options as a caller writes them, all optional. */
export type SimulatorInput = Readonly<z.input<typeof simulatorOptionsSchema>>;

/**
 * Checks options and fills in the defaults.
 *
 * @throws {AppError} INPUT_INVALID, one sentence that names every mistake.
 */
export function parseSimulatorOptions(input: unknown): SimulatorOptions {
  const parsed = simulatorOptionsSchema.safeParse(input);
  if (parsed.success) return Object.freeze(parsed.data);
  const mistakes = parsed.error.issues.map((issue) =>
    issue.path.length ? `--${toFlag(String(issue.path[0]))}: ${issue.message}` : issue.message,
  );
  throw new AppError('INPUT_INVALID', `The simulated provider cannot be started so: ${mistakes.join('; ')}.`);
}

/** The command-line flags that say the same as `options`. */
export function toSimulatorArguments(input: SimulatorInput): string[] {
  return Object.entries(input).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${toFlag(name)}`] : [`--${toFlag(name)}=${String(value)}`];
  });
}

function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
