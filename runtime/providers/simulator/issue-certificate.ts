import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { BitString, Integer, OctetString, Utf8String } from 'asn1js';
import {
  AltName,
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
} from 'pkijs';

/** Whom a certificate is for. */
export interface CertificateSubject {
  /** Common name. */
  readonly name: string;
  /** May sign certificates of others. */
  readonly isAuthority: boolean;
  /** DNS names and IP addresses (4 or 16 bytes each) that a server with it answers for. */
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly Uint8Array[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate and its private key, both PEM. */
export interface IssuedCertificate {
  readonly key: string;
  readonly cert: string;
  /** What signs the certificates that this one issues. */
  readonly signing: {
    readonly key: webcrypto.CryptoKey;
    readonly certificate: Certificate;
    readonly keyId: OctetString;
  };
}

/** 127.0.0.1 and ::1. */
export const LOOPBACK_ADDRESSES: readonly Uint8Array[] = [
  Uint8Array.of(127, 0, 0, 1),
  Uint8Array.from({ length: 16 }, (_, at) => (at === 15 ? 1 : 0)),
];

// Object identifiers of RFC 5280, sections 4.1.2.6 and 4.2.1.
const COMMON_NAME = '2.5.4.3';
const SUBJECT_KEY_ID = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const AUTHORITY_KEY_ID = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';

/** `Certificate.version` counts from 0: this is X.509 version 3, the first with extensions. */
const VERSION_3 = 2;
/** Kinds of a general name: `dNSName` and `iPAddress`. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;
/** RFC 7093, method 1: the leftmost 160 bits of the key's SHA-256. */
const KEY_ID_BYTES = 20;
/** RFC 5280 allows 20 bytes; 16 random ones never meet again. */
const SERIAL_BYTES = 16;

/**
 * Makes a P-256 key and a certificate for it, signed by `issuer` or, without one, by itself.
 *
 * Source: RFC 5280.
 */
export async function issueCertificate(
  subject: CertificateSubject,
  issuer?: IssuedCertificate,
): Promise<IssuedCertificate> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const certificate = new Certificate();
  certificate.version = VERSION_3;
  certificate.serialNumber = new Integer({ valueHex: createSerial() });
  certificate.subject.typesAndValues.push(
    new AttributeTypeAndValue({ type: COMMON_NAME, value: new Utf8String({ value: subject.name }) }),
  );
  certificate.issuer = issuer ? issuer.signing.certificate.subject : certificate.subject;
  certificate.notBefore.value = subject.notBefore;
  certificate.notAfter.value = subject.notAfter;
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  const keyId = toKeyId(certificate);
  certificate.extensions = [
    ...createKeyIds(keyId, issuer?.signing.keyId ?? keyId),
    ...createUses(subject),
    ...createNames(subject),
  ];
  await certificate.sign(issuer?.signing.key ?? keys.privateKey, 'SHA-256');
  return {
    key: toPem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    cert: toPem('CERTIFICATE', certificate.toSchema(true).toBER()),
    signing: { key: keys.privateKey, certificate, keyId },
  };
}

/** Strict verifiers (Python's since 3.13) refuse a chain that does not name its keys. */
function createKeyIds(own: OctetString, issuers: OctetString): Extension[] {
  const authority = new AuthorityKeyIdentifier({ keyIdentifier: issuers }).toSchema().toBER();
  return [
    new Extension({ extnID: SUBJECT_KEY_ID, extnValue: own.toBER() }),
    new Extension({ extnID: AUTHORITY_KEY_ID, extnValue: authority }),
  ];
}

function createUses({ isAuthority }: CertificateSubject): Extension[] {
  const constraints = new BasicConstraints({ cA: isAuthority }).toSchema().toBER();
  return [
    new Extension({ extnID: BASIC_CONSTRAINTS, critical: true, extnValue: constraints }),
    new Extension({ extnID: KEY_USAGE, critical: true, extnValue: createKeyUsage(isAuthority).toBER() }),
  ];
}

function createNames({ dnsNames = [], addresses = [] }: CertificateSubject): Extension[] {
  const altNames = [
    ...dnsNames.map((value) => new GeneralName({ type: DNS_NAME, value })),
    ...addresses.map(
      (address) => new GeneralName({ type: IP_ADDRESS, value: new OctetString({ valueHex: toBuffer(address) }) }),
    ),
  ];
  if (altNames.length === 0) return [];
  const purposes = new ExtKeyUsage({ keyPurposes: [SERVER_AUTHENTICATION] }).toSchema().toBER();
  return [
    new Extension({ extnID: EXTENDED_KEY_USAGE, extnValue: purposes }),
    new Extension({ extnID: SUBJECT_ALTERNATIVE_NAME, extnValue: new AltName({ altNames }).toSchema().toBER() }),
  ];
}

function toKeyId(certificate: Certificate): OctetString {
  const publicKey = certificate.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  const digest = createHash('sha256').update(publicKey).digest().subarray(0, KEY_ID_BYTES);
  return new OctetString({ valueHex: toBuffer(digest) });
}

/** Bits from the left: digitalSignature is the first, keyCertSign and cRLSign the sixth and seventh. */
function createKeyUsage(isAuthority: boolean): BitString {
  return isAuthority
    ? new BitString({ valueHex: Uint8Array.of(0b1000_0110).buffer, unusedBits: 1 })
    : new BitString({ valueHex: Uint8Array.of(0b1000_0000).buffer, unusedBits: 7 });
}

/** Positive and without a leading zero byte, as DER wants an integer. */
function createSerial(): ArrayBuffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return toBuffer(bytes);
}

function toBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

function toPem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
