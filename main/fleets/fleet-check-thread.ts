import { checkFleetFile } from '../../runtime/fleet/read-fleet.ts';
import { threadPort } from '../../runtime/workers/thread-port.ts';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { CheckReply, CheckRequest } from './fleet-checker.ts';
import { toOutline } from './fleet-outline.ts';

const port = threadPort();

async function answer({ id, options }: CheckRequest): Promise<CheckReply> {
  try {
    const { problems, plan } = await checkFleetFile(options);
    return { id, checked: { problems, ...(plan ? { outline: toOutline(plan) } : {}) } };
  } catch (error) {
    return { id, error: toAppError(error).toData() };
  }
}

port.onMessage((message) => void answer(message as CheckRequest).then((reply) => port.post(reply)));
