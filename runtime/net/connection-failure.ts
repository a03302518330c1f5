import { AppError } from '../../shared/errors/app-error.ts';

/** What went wrong below HTTP, and whether anything can have reached the server. */
export interface ConnectionFailure {
  readonly kind: 'unreachable' | 'certificate' | 'broken';
  /** One sentence that names the host and a way out. */
  readonly sentence: string;
}

const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Reason and way out per system error; `…` stands for the host. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens at …; start the server or correct its address.',
  ENOTFOUND: 'The name of … cannot be resolved; check its spelling and the network.',
  EAI_AGAIN: 'The name of … cannot be resolved now; check the network.',
  EHOSTUNREACH: 'There is no route to …; check the network.',
  ENETUNREACH: 'There is no route to …; check the network.',
  EHOSTDOWN: '… is down; check the network.',
  EADDRNOTAVAIL: 'This machine has no free local port for …; lower the number of connections.',
  ETIMEDOUT: '… does not answer; check its address and the network.',
  UND_ERR_CONNECT_TIMEOUT: '… does not answer; check its address and the network.',
  UND_ERR_DESTROYED: 'The connections to … were closed; the request was not sent.',
  UND_ERR_CLOSED: 'The connections to … were closed; the request was not sent.',
  EMFILE:
    'This process may not open another socket to …; lower the number of connections or raise the limit of open files.',
  ENFILE: 'This machine has no free file for a socket to …; lower the number of connections.',
  UND_ERR_PRX_TLS:
    "The proxy's certificate is not trusted on the way to …; name its authority with NODE_EXTRA_CA_CERTS.",
  UND_ERR_PRX_CONN: 'The proxy closed the connection on the way to …; check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.',
};

/** The `code` of the error or of the first of its causes that has one. */
function findCode(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 4) return undefined;
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof AggregateError && error.errors.length > 0) {
    return findCode(error.errors[0], depth + 1) ?? code;
  }
  if (typeof code === 'string' && code !== 'UND_ERR_INFO') return code;
  return findCode(error.cause, depth + 1) ?? code;
}

function toCertificateSentence(host: string, code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of ${host} has expired; it must be renewed there.`;
  if (code === 'CERT_NOT_YET_VALID') {
    return `The certificate of ${host} is not valid yet; check the clock of this machine and of the server.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return `The certificate of ${host} was issued for another name; correct the address.`;
  }
  return `The certificate of ${host} is not trusted (${code}); name its authority as caFile, or in NODE_EXTRA_CA_CERTS.`;
}

/** Reads an error of undici or Node. `host` is shown; `connected` says whether a connection had been made. */
export function classifyFailure(error: unknown, host: string, connected: boolean): ConnectionFailure {
  const code = findCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code !== undefined && CERTIFICATE_CODES.has(code)) {
    return { kind: 'certificate', sentence: toCertificateSentence(host, code) };
  }
  if (message.includes('HTTP Tunneling') || message.includes('(407)')) {
    const status = /\((\d{3})\)/.exec(message)?.[1] ?? 'an error';
    const hint = status === '407' ? 'put its user and password into HTTPS_PROXY' : 'check HTTPS_PROXY and NO_PROXY';
    return { kind: 'unreachable', sentence: `The proxy answered ${status} on the way to ${host}; ${hint}.` };
  }
  if (connected)
    return { kind: 'broken', sentence: `The connection to ${host} broke off (${code ?? 'no reason given'}).` };
  const known = code === undefined ? undefined : UNREACHABLE[code];
  if (known !== undefined) return { kind: 'unreachable', sentence: known.replace('…', host) };
  if (code?.startsWith('ERR_SSL') || code === 'EPROTO') {
    return { kind: 'unreachable', sentence: `${host} does not speak TLS as expected (${code}); check http or https.` };
  }
  return {
    kind: 'unreachable',
    sentence: `No connection to ${host} could be made (${code ?? message}); check its address and the network.`,
  };
}

const CODES = {
  unreachable: 'PROVIDER_UNREACHABLE',
  certificate: 'PROVIDER_CERTIFICATE_REFUSED',
  broken: 'PROVIDER_STREAM_BROKEN',
} as const;

/** The failure of a provider's connection as an `AppError`. */
export function toConnectionError(error: unknown, host: string, connected: boolean): AppError {
  if (error instanceof AppError) return error;
  const { kind, sentence } = classifyFailure(error, host, connected);
  return new AppError(CODES[kind], sentence, { cause: error });
}
