import type { ErrorData } from '../../../shared/errors/app-error.ts';

/** What the launcher is started with, as JSON in its last argument. */
export interface LauncherConfig {
  readonly instance: string;
  /** The token this program itself runs under, when another Flotilla started it. */
  readonly outerToken: string | undefined;
}

/** The payload of a `start` frame. */
export interface StartOrder {
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `stream` is fed by `input` frames, `open` stays open until the stop. */
  readonly input: 'none' | 'stream' | 'open';
  readonly maxOutputBytes: number;
  readonly stopGraceMs: number;
}

/** The payload of a `started` frame. */
export interface StartedReport {
  readonly pid: number;
  readonly startedAt: string | undefined;
}

/** The payload of an `ended` frame. */
export interface EndedReport {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly ms: number;
  readonly peakRssBytes: number | undefined;
  readonly strayCount: number;
  /** Whether it was told to stop while its root still ran. */
  readonly isCutShort: boolean;
}

/** The payload of a `failed` frame. */
export type FailedReport = ErrorData;

/** Where the launcher finds its end of the channel. */
export const CHANNEL_FD = 3;
