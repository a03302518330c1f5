import type { ErrorData } from '../../../shared/errors/app-error.ts';

/** What the writer's thread is opened with. */
export interface WriterData {
  readonly dataDir: string;
  readonly walMaxBytes: number;
  /** Rows the word index may be behind before it is given time beside ingest. */
  readonly maxWordLagRows: number;
}

/** What is to be done with the context of a session; 0 as `id` wants no answer. */
export interface SpillOrder {
  readonly kind: 'spill';
  readonly id: number;
  readonly do: 'save' | 'load' | 'drop';
  readonly session: string;
  readonly content?: string;
}

/** What came of it: the context that was loaded, or why it could not be. */
export interface SpillReply {
  readonly kind: 'spilled';
  readonly id: number;
  readonly content?: string | undefined;
  readonly error?: ErrorData;
}

/** What the writer says; it is sent batches and orders about contexts, one message each. */
export type WriterReply =
  | SpillReply
  | { readonly kind: 'ready'; readonly interruptedRuns: number }
  | { readonly kind: 'refused'; readonly error: ErrorData }
  | {
      readonly kind: 'done';
      readonly sequence: number;
      readonly tookMs: number;
      readonly walBytes: number;
      readonly wordLag: number;
    }
  | { readonly kind: 'words'; readonly wordLag: number }
  /** `error` is absent when writing goes on again. */
  | { readonly kind: 'trouble'; readonly error: ErrorData | undefined };
