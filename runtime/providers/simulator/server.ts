import { systemClock, type Clock } from '../../time/clock.ts';
import { openLoopbackCertificate } from './certificate.ts';
import { openListener } from './listener.ts';
import type { SimulatorOptions } from './options.ts';
import { openPulse } from './pulse.ts';
import { openRateLimits } from './rate-limits.ts';
import { createResponder } from './responder.ts';

/** Where the simulated provider can be reached. */
export interface SimulatorAddress {
  /** For the `baseURL` of an OpenAI client. */
  readonly openaiBaseUrl: string;
  /** For the `baseURL` of an Anthropic client. */
  readonly anthropicBaseUrl: string;
  /** Certificate of the authority to trust, PEM. */
  readonly caFile: string;
  readonly port: number;
}

/** A simulated provider in this process; disposing of it breaks its connections and removes its files. */
export interface SimulatorServer extends SimulatorAddress, AsyncDisposable {}

/** What a server takes beside its options. */
export interface SimulatorSurroundings {
  readonly clock?: Clock;
  /** Folder for the certificate file; the system's temporary one unless given. */
  readonly caParent?: string;
}

/**
 * Opens the simulated provider on 127.0.0.1.
 *
 * @throws {AppError} PORT_IN_USE
 */
export async function openSimulatorServer(
  options: SimulatorOptions,
  surroundings: SimulatorSurroundings = {},
): Promise<SimulatorServer> {
  const clock = surroundings.clock ?? systemClock;
  await using opening = new AsyncDisposableStack();
  const certificate = opening.use(await openLoopbackCertificate(surroundings.caParent));
  const pulse = opening.use(openPulse(clock));
  const limits = openRateLimits(clock, options.requestsPerMin, options.tokensPerMin);
  const respond = createResponder({ options, clock, pulse, limits });
  const listener = opening.use(
    await openListener({
      port: options.port,
      http1: options.http1,
      key: certificate.key,
      cert: certificate.cert,
      onExchange: respond,
    }),
  );
  const owned = opening.move();
  const origin = `https://127.0.0.1:${listener.port}`;
  return {
    openaiBaseUrl: `${origin}/v1`,
    anthropicBaseUrl: origin,
    caFile: certificate.caFile,
    port: listener.port,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
