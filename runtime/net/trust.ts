import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

let machineCertificates: readonly string[] | undefined;

/**
 * Certificates trusted without being told: Node's own, those of `NODE_EXTRA_CA_CERTS`, and the operating system's.
 *
 * Read once (tens of milliseconds on a machine with many) and kept.
 */
function trustedByMachine(): readonly string[] {
  machineCertificates ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return machineCertificates;
}

/**
 * What a TLS connection trusts: the machine's certificates and `extraPem`.
 *
 * One context serves all connections of a pool: parsing some 300 certificates for each of them would cost more than the
 * handshake.
 *
 * @throws {Error} when a text of `extraPem` holds no certificate.
 */
export function createTrust(extraPem: readonly string[]): SecureContext {
  return createSecureContext({ ca: [...trustedByMachine(), ...extraPem] });
}
