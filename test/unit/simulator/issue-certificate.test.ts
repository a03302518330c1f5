import { createHash, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { issueCertificate, LOOPBACK_ADDRESSES } from '../../../runtime/providers/simulator/issue-certificate.ts';

const validity = { notBefore: new Date('2026-11-01T00:00:00Z'), notAfter: new Date('2049-12-31T00:00:00Z') };

async function issueChain(): Promise<{ authority: X509Certificate; leaf: X509Certificate }> {
  const authority = await issueCertificate({ name: 'The authority', isAuthority: true, ...validity });
  const leaf = await issueCertificate(
    { name: 'localhost', isAuthority: false, dnsNames: ['localhost'], addresses: LOOPBACK_ADDRESSES, ...validity },
    authority,
  );
  return { authority: new X509Certificate(authority.cert), leaf: new X509Certificate(leaf.cert) };
}

/** As RFC 7093 has it; a raw P-256 key is the last 65 bytes of its SubjectPublicKeyInfo. */
function keyIdOf(certificate: X509Certificate): Buffer {
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
  return createHash('sha256').update(publicKey).digest().subarray(0, 20);
}

test('an authority signs a certificate for the loopback names and addresses', async () => {
  const { authority, leaf } = await issueChain();
  expect(leaf.checkIssued(authority)).toBe(true);
  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect([authority.ca, leaf.ca]).toEqual([true, false]);
  expect(leaf.checkHost('localhost')).toBe('localhost');
  expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(leaf.checkIP('::1')).toBe('::1');
  expect(leaf.checkHost('example.com')).toBeUndefined();
  expect(leaf.validToDate).toEqual(validity.notAfter);
});

test('each certificate names its own key and the key that signed it, as strict verifiers want', async () => {
  const { authority, leaf } = await issueChain();
  expect(leaf.raw.includes(keyIdOf(leaf))).toBe(true);
  expect(leaf.raw.includes(keyIdOf(authority))).toBe(true);
  expect(authority.raw.includes(keyIdOf(authority))).toBe(true);
});

test('a certificate without an issuer is signed by itself', async () => {
  const { cert } = await issueCertificate({ name: 'alone', isAuthority: true, dnsNames: ['alone'], ...validity });
  const alone = new X509Certificate(cert);
  expect(alone.verify(alone.publicKey)).toBe(true);
  expect(alone.checkIssued(alone)).toBe(true);
});
