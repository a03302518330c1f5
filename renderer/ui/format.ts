const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 6318 → `6,318`. */
export function toCount(count: number): string {
  return whole.format(count);
}

/** 20180 → `20.2 k`, 1_210_000 → `1.21 M`. */
export function toTokens(tokens: number): string {
  if (tokens < 1_000) return whole.format(tokens);
  if (tokens < 1_000_000) return `${(tokens / 1_000).toFixed(1)} k`;
  return `${(tokens / 1_000_000).toFixed(2)} M`;
}

/** 2_040_109_466 → `1.9 GB`; powers of 1,024, as the machine's own tools count memory. */
export function toBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${power === 0 || value >= 100 ? whole.format(value) : value.toFixed(1)} ${units[power]}`;
}

/** 0.2 → `0.2 ms`, 1_240 → `1.2 s`, 72_000 → `1 m 12 s`, 3_725_000 → `1 h 2 m`. */
export function toDuration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${whole.format(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} m ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

/** `$0.84`; below a cent `$0.0042`. */
export function toUsd(usd: number): string {
  return `$${usd !== 0 && Math.abs(usd) < 0.01 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

/** 0.634 → `63%`; what is neither 0 nor 1 is not shown as 0% or 100%. */
export function toPercent(ratio: number): string {
  const percent = ratio * 100;
  if (percent > 0 && percent < 1) return '<1%';
  if (percent < 100 && percent > 99) return '>99%';
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
