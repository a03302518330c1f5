import type { ErrorData } from '../../../shared/errors/app-error.ts';

/** What the writer's thread is opened with. */
export interface WriterData {
  readonly dataDir: string;
  readonly walMaxBytes: number;
  /** Rows the word index may be behind before it is given time beside ingest. */
  readonly maxWordLagRows: number;
}

/** What the writer says; it is sent batches, one message each. */
export type WriterReply =
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
