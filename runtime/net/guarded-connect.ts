import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { AppError } from '../../shared/errors/app-error.ts';
import { classOfAddress } from './address-class.ts';
import { createTrust } from './trust.ts';

/** Which addresses beside public ones may be connected to. */
export interface AddressRules {
  readonly allowLoopback: boolean;
  readonly allowPrivate: boolean;
}

/** Asks a resolver for all addresses of a name; `lookup` of `node:dns` is one. */
type ResolveName = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** How a guarded connection is made. */
export interface GuardedConnectOptions extends AddressRules {
  /** Limit on TCP and TLS set-up together. */
  readonly connectTimeoutMs: number;
  /** The system's resolver unless told. */
  readonly resolveName?: ResolveName;
}

const NAMED = {
  loopback: 'this machine (allow http-loopback in the fleet file to reach it)',
  private: 'a private network (allow http-private in the fleet file to reach it)',
  special: 'no address that can be reached',
} as const;

function isAllowed(address: string, rules: AddressRules): boolean {
  const named = classOfAddress(address);
  return (
    named === 'public' || (named === 'loopback' && rules.allowLoopback) || (named === 'private' && rules.allowPrivate)
  );
}

function toRefusal(host: string, address: string): AppError {
  const named = classOfAddress(address);
  const where = named === 'public' ? 'a public address' : NAMED[named];
  const via = host === address ? '' : ` (${address})`;
  return new AppError('ADDRESS_REFUSED', `${host}${via} is ${where}.`, { details: { host, address } });
}

/** Resolves names to those of their addresses that are allowed, so that no packet goes to any other. */
function createLookup(rules: AddressRules, resolveName: ResolveName): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      const allowed = found.filter(({ address }) => isAllowed(address, rules));
      const [first] = allowed;
      if (first === undefined) return callback(toRefusal(hostname, found[0]?.address ?? hostname), '');
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * A connector that reaches only addresses the rules allow.
 *
 * The address is judged where it is used: literals before the connection, names by the addresses this very connection
 * resolved (so a name that resolves differently the next time gains nothing), and once more what the socket says it is
 * connected to.
 */
export function createGuardedConnect(rules: GuardedConnectOptions): buildConnector.connector {
  const connect = buildConnector({
    timeout: rules.connectTimeoutMs,
    preferH2: true,
    lookup: createLookup(rules, rules.resolveName ?? lookup),
    secureContext: createTrust([]),
  });
  return (options, callback) => {
    const { hostname } = options;
    if (isIP(hostname) !== 0 && !isAllowed(hostname, rules)) return callback(toRefusal(hostname, hostname), null);
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      const address = socket.remoteAddress ?? '';
      if (isAllowed(address, rules)) return callback(null, socket);
      socket.destroy();
      callback(toRefusal(hostname, address), null);
    });
  };
}
