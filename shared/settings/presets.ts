import type { MachineFacts } from './define-setting.ts';
import type { SettingsValues } from './settings.ts';

/** Limits that fit together for a purpose. */
export interface BuiltInPreset {
  readonly name: string;
  /** One sentence: what it is for. */
  readonly summary: string;
  readonly values: (machine: MachineFacts) => Partial<SettingsValues>;
}

/** Every built-in preset names the same settings, so that one replaces the other without a rest. */
export const BUILT_IN_PRESETS: readonly BuiltInPreset[] = [
  {
    name: 'laptop',
    summary: 'Leaves half of the machine to whoever works at it.',
    values: ({ cores }) => ({
      'agents.maxRunning': 500,
      'io.maxRunning': 128,
      'cpu.maxWorkers': Math.min(64, Math.max(1, Math.floor(cores / 2))),
      'process.maxRunning': Math.min(1_000, Math.max(2, cores)),
      'provider.maxConcurrentStreams': 64,
      'provider.maxConnections': 4,
    }),
  },
  {
    name: 'workstation',
    summary: 'Uses the whole machine for fleets.',
    values: ({ cores }) => ({
      'agents.maxRunning': 4_000,
      'io.maxRunning': 512,
      'cpu.maxWorkers': Math.min(64, Math.max(1, cores)),
      'process.maxRunning': Math.min(1_000, Math.max(8, cores * 4)),
      'provider.maxConcurrentStreams': 512,
      'provider.maxConnections': 16,
    }),
  },
  {
    name: 'load test',
    summary: 'As wide as it goes, to see what this machine and a provider carry; nothing else should run meanwhile.',
    values: ({ cores }) => ({
      'agents.maxRunning': 20_000,
      'io.maxRunning': 2_048,
      'cpu.maxWorkers': Math.min(64, Math.max(1, cores)),
      'process.maxRunning': Math.min(1_000, Math.max(16, cores * 8)),
      'provider.maxConcurrentStreams': 4_096,
      'provider.maxConnections': 64,
    }),
  },
];
