import { expect, test } from 'vitest';
import { createMemoryReader, type MemorySources } from '../../../runtime/memory/gate/memory-reading.ts';

const GIB = 2 ** 30;
const MEMINFO = 'MemTotal:       16777216 kB\nMemFree:          524288 kB\nMemAvailable:    8388608 kB\n';
const PRESSURE = (percent: number) =>
  `some avg10=${percent.toFixed(2)} avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`;

function linux(files: Readonly<Record<string, string>>): MemorySources {
  return { platform: 'linux', file: (path) => files[path], freeBytes: () => 1, totalBytes: () => 2 };
}

test('on Linux the kernel estimates what is available, and the pressure is a part of the time', () => {
  const reader = createMemoryReader(linux({ '/proc/meminfo': MEMINFO, '/proc/pressure/memory': PRESSURE(12.5) }));
  expect(reader.read()).toEqual({ availableBytes: 8 * GIB, totalBytes: 16 * GIB, pressureRatio: 0.125, of: 'machine' });
});

test('a container of version 2 that has less left than the machine is what counts; its cached files are available', () => {
  const folder = '/sys/fs/cgroup/app';
  const reader = createMemoryReader(
    linux({
      '/proc/meminfo': MEMINFO,
      '/proc/pressure/memory': PRESSURE(1),
      '/proc/self/cgroup': '0::/app/inner\n',
      [`${folder}/memory.max`]: `${2 * GIB}\n`,
      [`${folder}/memory.current`]: `${2 * GIB - 100}\n`,
      [`${folder}/memory.stat`]: `anon 5\ninactive_file ${GIB}\nactive_file 7\n`,
      [`${folder}/memory.pressure`]: PRESSURE(40),
      [`${folder}/inner/memory.max`]: 'max\n',
      [`${folder}/inner/memory.current`]: '5\n',
    }),
  );
  expect(reader.read()).toEqual({
    availableBytes: GIB + 100,
    totalBytes: 2 * GIB,
    pressureRatio: 0.4,
    of: 'container',
  });
});

test('a container of version 1 counts too, and a limit that is none does not', () => {
  const folder = '/sys/fs/cgroup/memory';
  const files: Record<string, string> = {
    '/proc/meminfo': MEMINFO,
    '/proc/self/cgroup': '5:cpu,memory:/job\n1:name=systemd:/\n0::/\n',
    [`${folder}/memory.limit_in_bytes`]: '9223372036854771712\n',
    [`${folder}/memory.usage_in_bytes`]: '7\n',
    [`${folder}/job/memory.limit_in_bytes`]: `${GIB}\n`,
    [`${folder}/job/memory.usage_in_bytes`]: `${GIB / 2}\n`,
    [`${folder}/job/memory.stat`]: 'inactive_file 1\ntotal_inactive_file 1024\n',
  };
  const reader = createMemoryReader(linux(files));
  expect(reader.read()).toMatchObject({ availableBytes: GIB / 2 + 1_024, totalBytes: GIB, of: 'container' });
  files[`${folder}/job/memory.limit_in_bytes`] = '9223372036854771712\n';
  expect(reader.read()).toMatchObject({ availableBytes: 8 * GIB, of: 'machine' });
});

test('a group whose path is the host’s is found at the root that a container sees', () => {
  const reader = createMemoryReader(
    linux({
      '/proc/meminfo': MEMINFO,
      '/proc/self/cgroup': '0::/../../kubepods/pod1\n',
      '/sys/fs/cgroup/memory.max': `${GIB}`,
      '/sys/fs/cgroup/memory.current': '24',
    }),
  );
  expect(reader.read()).toMatchObject({ availableBytes: GIB - 24, of: 'container' });
});

test('a Linux that says nothing is not measured', () => {
  expect(createMemoryReader(linux({})).read()).toMatchObject({ availableBytes: undefined, pressureRatio: undefined });
});

test('Windows says what is available; a system that only knows what is free is not measured', () => {
  const at = (platform: NodeJS.Platform) => createMemoryReader({ ...linux({}), platform }).read();
  expect(at('win32')).toEqual({ availableBytes: 1, totalBytes: 2, pressureRatio: undefined, of: 'machine' });
  expect(at('darwin')).toEqual({ availableBytes: undefined, totalBytes: 2, pressureRatio: undefined, of: 'machine' });
});

test('this machine can be read', () => {
  const { availableBytes, totalBytes } = createMemoryReader().read();
  expect(totalBytes).toBeGreaterThan(0);
  expect(availableBytes === undefined || availableBytes > 0).toBe(true);
  expect(availableBytes !== undefined || process.platform !== 'linux').toBe(true);
});
