import { BlockList, isIP } from 'node:net';

/** Who can be reached at an IP address; `special` ones are no unicast destination or not assigned. */
export type AddressClass = 'public' | 'loopback' | 'private' | 'special';

// IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates).
const LOOPBACK = ['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'];
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10'];
const PRIVATE_6 = ['fc00::/7', 'fe80::/10', 'fec0::/10'];
const SPECIAL = ['192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'];
const SPECIAL_HIGH = ['192.88.99.0/24', '224.0.0.0/4', '240.0.0.0/4', 'ff00::/8', '2001:db8::/32', '100::/64'];

/** Prefixes whose last or middle 32 bits are an IPv4 address that the packet finally reaches. */
const EMBEDDING: readonly { readonly list: BlockList; readonly firstGroup: number }[] = [
  { list: toBlockList(['::ffff:0:0/96', '::/96', '64:ff9b::/96', '64:ff9b:1::/48']), firstGroup: 6 },
  { list: toBlockList(['2002::/16']), firstGroup: 1 },
];

const CLASSES: readonly { readonly list: BlockList; readonly named: AddressClass }[] = [
  { list: toBlockList(LOOPBACK), named: 'loopback' },
  { list: toBlockList([...PRIVATE, ...PRIVATE_6]), named: 'private' },
  { list: toBlockList([...SPECIAL, ...SPECIAL_HIGH]), named: 'special' },
];

function toBlockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, bits] = range.split('/') as [string, string];
    list.addSubnet(network, Number(bits), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** The eight 16-bit groups of an IPv6 address without a zone. */
function toGroups(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head, tail] = canonical.split('::') as [string, string | undefined];
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before.map((group) => Number.parseInt(group, 16));
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

function findEmbeddedIpv4(address: string): string | undefined {
  const embedding = EMBEDDING.find((candidate) => candidate.list.check(address, 'ipv6'));
  if (embedding === undefined) return undefined;
  const groups = toGroups(address);
  const high = groups[embedding.firstGroup] ?? 0;
  const low = groups[embedding.firstGroup + 1] ?? 0;
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/**
 * Who can be reached at `address`, an IPv4 or IPv6 literal, also when an IPv4 one is wrapped in an IPv6 one
 * (mapped, compatible, NAT64, 6to4). Anything that is not a literal is `special`.
 */
export function classOfAddress(address: string): AddressClass {
  const bare = address.replace(/%.*$/, '');
  const version = isIP(bare);
  if (version === 0) return 'special';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const direct = CLASSES.find((candidate) => candidate.list.check(bare, family));
  if (version === 4 || direct?.named === 'loopback') return direct?.named ?? 'public';
  const embedded = findEmbeddedIpv4(bare);
  if (embedded !== undefined) return classOfAddress(embedded);
  return direct?.named ?? 'public';
}

/** Whether `host`, as a URL's `hostname` gives it, names this machine without asking a resolver. */
export function isLoopbackHost(host: string): boolean {
  const bare = host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true;
  return isIP(bare) !== 0 && classOfAddress(bare) === 'loopback';
}
