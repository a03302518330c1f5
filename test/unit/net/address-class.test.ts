import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classOfAddress, isLoopbackHost } from '../../../runtime/net/address-class.ts';

test.each([
  ['93.184.216.34', 'public'],
  ['2606:2800:220:1:248:1893:25c8:1946', 'public'],
  ['172.15.255.255', 'public'],
  ['172.32.0.0', 'public'],
  ['100.63.255.255', 'public'],
  ['127.255.255.254', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['::', 'loopback'],
  ['::1', 'loopback'],
  ['10.255.255.255', 'private'],
  ['172.16.0.0', 'private'],
  ['192.168.0.0', 'private'],
  ['169.254.169.254', 'private'],
  ['100.127.255.255', 'private'],
  ['fe80::1%eth0', 'private'],
  ['fdff::1', 'private'],
  ['224.0.0.1', 'special'],
  ['255.255.255.255', 'special'],
  ['ff02::1', 'special'],
  ['2001:db8::1', 'special'],
  ['localhost', 'special'],
  ['', 'special'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:a00:1', 'private'],
  ['::ffff:8.8.8.8', 'public'],
  ['::127.0.0.1', 'loopback'],
  ['64:ff9b::192.168.1.1', 'private'],
  ['2002:7f00:1::', 'loopback'],
  ['2002:808:808::1', 'public'],
])('%s is %s', (address, expected) => {
  expect(classOfAddress(address)).toBe(expected);
});

test('an IPv4 address is what it is however it is wrapped', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      const expected = classOfAddress(address);
      expect(classOfAddress(`::ffff:${address}`)).toBe(expected);
      expect(classOfAddress(`::ffff:${hex}`)).toBe(expected);
      expect(classOfAddress(`64:ff9b::${hex}`)).toBe(expected);
      expect(classOfAddress(`2002:${hex}::`)).toBe(expected);
    }),
  );
});

test.each([
  ['localhost', true],
  ['LocalHost.', true],
  ['api.localhost', true],
  ['127.0.0.1', true],
  ['[::1]', true],
  ['localhost.example.com', false],
  ['10.0.0.1', false],
])('%s names this machine: %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});
