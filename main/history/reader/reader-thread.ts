import { systemClock } from '../../../runtime/time/clock.ts';
import { threadPort } from '../../../runtime/workers/thread-port.ts';
import { toAppError } from '../../../shared/errors/app-error.ts';
import type { ReaderReply, ReaderRequest } from './open-reader.ts';
import { createReaderCalls } from './reader-calls.ts';

const port = threadPort();
const { dataDir } = port.data as { readonly dataDir: string };
const calls = createReaderCalls(dataDir, systemClock);

function answer({ id, name, input }: ReaderRequest): ReaderReply {
  try {
    const call = calls[name] as (...input: readonly unknown[]) => unknown;
    return { id, output: call(...input) };
  } catch (error) {
    return { id, error: toAppError(error).toData() };
  }
}

port.onMessage((message) => port.post(answer(message as ReaderRequest)));
port.onClose(() => calls.close());
