import { systemClock } from '../../../runtime/time/clock.ts';
import { threadPort } from '../../../runtime/workers/thread-port.ts';
import { toAppError } from '../../../shared/errors/app-error.ts';
import { createReaderCalls } from './reader-calls.ts';
import type { SizeReply } from './size-question.ts';

const port = threadPort();
const { dataDir } = port.data as { readonly dataDir: string };
const calls = createReaderCalls(dataDir, systemClock);

function measure(): SizeReply {
  try {
    return { tables: calls.size() };
  } catch (error) {
    return { error: toAppError(error).toData() };
  } finally {
    calls.close();
  }
}

port.post(measure());
port.close();
