import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate, LOOPBACK_ADDRESSES } from './issue-certificate.ts';

/** A certificate for this machine's loopback names, and the file of the authority that signed it. */
export interface LoopbackCertificate extends AsyncDisposable {
  readonly key: string;
  readonly cert: string;
  /** For `NODE_EXTRA_CA_CERTS`; readable by its owner only, removed on disposal. */
  readonly caFile: string;
}

/** Long enough for any session, short enough that a forgotten copy is worth nothing. */
const VALID_DAYS = 30;
/** Clocks of containers and their hosts differ. */
const CLOCK_SKEW_MS = 60 * 60 * 1000;

/**
 * Makes an authority and a certificate of it for localhost, 127.0.0.1 and ::1. Private keys stay in
 * memory; the authority's certificate lies in a new folder of its own under `parent`.
 */
export async function openLoopbackCertificate(parent: string = tmpdir()): Promise<LoopbackCertificate> {
  const notBefore = new Date(Date.now() - CLOCK_SKEW_MS);
  const notAfter = new Date(Date.now() + VALID_DAYS * 24 * 60 * 60 * 1000);
  const authority = await issueCertificate({
    name: 'Flotilla simulated provider authority',
    isAuthority: true,
    notBefore,
    notAfter,
  });
  const leaf = await issueCertificate(
    {
      name: 'localhost',
      isAuthority: false,
      dnsNames: ['localhost'],
      addresses: LOOPBACK_ADDRESSES,
      notBefore,
      notAfter,
    },
    authority,
  );
  const folder = await mkdtemp(join(parent, 'flotilla-simulator-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, authority.cert, { mode: 0o600 });
  return {
    key: leaf.key,
    cert: leaf.cert,
    caFile,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
