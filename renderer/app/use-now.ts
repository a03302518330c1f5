import { useEffect, useState } from 'react';
import { every } from '../rpc/timers.ts';

/** The wall clock, in milliseconds, renewed every `intervalMs` while the component is mounted. */
export function useNow(intervalMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const beat = every(intervalMs, () => setNowMs(Date.now()));
    return () => beat[Symbol.dispose]();
  }, [intervalMs]);
  return nowMs;
}
