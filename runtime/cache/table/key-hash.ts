import { randomBytes } from 'node:crypto';

/** Different in each process, so that nobody can choose keys that fall on one chain. */
const SEED = randomBytes(4).readInt32LE();

let lastKey = '';
let lastHash = mix('');

/**
 * A hash of all characters of a key, as a signed 32-bit number; its cost grows with the key, one to two nanoseconds a character.
 *
 * Source: FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo) for the characters, the end of MurmurHash3 (A. Appleby) for the bits.
 */
export function hashKey(key: string): number {
  lastKey = key;
  lastHash = mix(key);
  return lastHash;
}

/** The same, for free when it is the key that was hashed last: one that was missed is asked for again to keep its value. */
export function rehashKey(key: string): number {
  return key === lastKey ? lastHash : hashKey(key);
}

function mix(key: string): number {
  // Two chains of multiplications, so that neither waits for the other.
  let one = SEED;
  let two = SEED ^ key.length;
  const even = key.length & ~1;
  for (let at = 0; at < even; at += 2) {
    one = Math.imul(one ^ key.charCodeAt(at), 0x01000193);
    two = Math.imul(two ^ key.charCodeAt(at + 1), 0x85ebca6b);
  }
  if (even < key.length) one = Math.imul(one ^ key.charCodeAt(even), 0x01000193);
  let hash = one ^ ((two << 13) | (two >>> 19));
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
