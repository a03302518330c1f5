const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 6318 → `6,318`. */
export function toCount(count: number): string {
  return whole.format(count);
}

/**
 * A count with its noun: `1 agent`, `6,318 agents`.
 *
 * @param many The noun for all counts but one, where it is not the first with an `s`.
 */
export function toCounted(count: number, one: string, many = `${one}s`): string {
  return `${toCount(count)} ${count === 1 ? one : many}`;
}

/** 20180 → `20.2 k`, 1_210_000 → `1.21 M`. */
export function toTokens(tokens: number): string {
  if (tokens < 1_000) return whole.format(tokens);
  // Judged after rounding, so that 999,960 is not `1000.0 k`.
  if (tokens < 999_950) return `${(tokens / 1_000).toFixed(1)} k`;
  return `${(tokens / 1_000_000).toFixed(2)} M`;
}

/** `1 token`, `20.2 k tokens`. */
export function toTokenWords(tokens: number): string {
  return `${toTokens(tokens)} ${tokens === 1 ? 'token' : 'tokens'}`;
}

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** 2_040_109_466 → `1.9 GB`; powers of 1,024, as the machine's own tools count memory. */
export function toBytes(bytes: number): string {
  let value = bytes;
  let power = 0;
  // 1,023.6 KB would round to 1,024 KB.
  while (value >= 1_023.5 && power < BYTE_UNITS.length - 1) {
    value /= 1_024;
    power++;
  }
  return `${power === 0 || value >= 99.95 ? whole.format(value) : value.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** 0.2 → `0.2 ms`, 1_240 → `1.2 s`, 72_000 → `1 m 12 s`, 3_725_000 → `1 h 2 m`. */
export function toDuration(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 0.05) return '<0.1 ms';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${whole.format(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1_000 + 0.05);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} m` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `$0.84`; below a cent `$0.0042`; what costs something is never `$0.00`. */
export function toUsd(usd: number): string {
  if (usd > 0 && usd < 0.00005) return '<$0.0001';
  return `$${usd !== 0 && Math.abs(usd) < 0.00995 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

/** 0.634 → `63%`; what is neither 0 nor 1 is not shown as 0% or 100%. */
export function toPercent(ratio: number): string {
  const percent = ratio * 100;
  if (percent > 0 && percent < 0.5) return '<1%';
  if (percent < 100 && percent >= 99.5) return '>99%';
  return `${Math.round(percent)}%`;
}

/** Time of day with seconds, in the place's own time: `14:02:11`. */
export function toClockTime(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB');
}

/** `2026-11-20 14:02`, in the place's own time. */
export function toDateTime(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

function two(part: number): string {
  return String(part).padStart(2, '0');
}
