import type { Pulse } from '../../shared/contract/app.ts';
import { useStream } from '../rpc/host-context.tsx';
import type { Loaded } from '../rpc/loaded.ts';
import type { StreamSpec } from '../rpc/stream-store.ts';

const PULSE: StreamSpec<Pulse, Pulse | undefined> = {
  open: (host, signal) => host.calls.app.pulse({}, { signal }),
  begin: () => undefined,
  fold: (_, pulse) => pulse,
};

/** How the machine and the program do, once a second. One subscription: the frame hands it on. */
export function usePulse(): Loaded<Pulse> {
  const loaded = useStream('pulse', PULSE);
  if (loaded.kind === 'ready' || loaded.kind === 'stale') {
    const { value } = loaded;
    return value === undefined ? { kind: 'loading' } : { ...loaded, value };
  }
  return loaded;
}
