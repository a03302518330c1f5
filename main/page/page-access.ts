import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../runtime/time/clock.ts';

/** Of a token and of a session: too many to guess. */
const SECRET_BYTES = 32;

/** Of the path, which is no secret of the browser's owner but one of the other programs on the machine. */
const BASE_BYTES = 16;

/** A one-time token that is not used this long is worth nothing; a new one is one command away. */
const TOKEN_LIFE_MS = 15 * 60_000;

/** Tokens that may wait to be used; one more makes the oldest worthless. */
const MAX_TOKENS = 16;

/** Browsers let in at the same time; one more puts out the one that was quiet the longest. */
const MAX_SESSIONS = 32;

/** A browser that was let in and may open WebSockets. */
export interface PageSession {
  /** When it was last used, by the monotonic clock. */
  usedAtMonoMs: number;
  /** WebSockets open now. */
  socketCount: number;
}

interface Secret<T> {
  readonly digest: Buffer;
  readonly value: T;
}

/**
 * Who may see the page: a one-time token is exchanged for a session, whose name travels in a cookie.
 *
 * Secrets are kept as digests, and every one is compared, each in constant time.
 */
export class PageAccess {
  /** The path below which everything lies that a session may see; new at each start, and too long to guess. */
  readonly base = `/${randomBytes(BASE_BYTES).toString('base64url')}/`;
  readonly #clock: Clock;
  #tokens: Secret<{ readonly untilMonoMs: number }>[] = [];
  #sessions: Secret<PageSession>[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new token, good once and for `TOKEN_LIFE_MS`. */
  createToken(): string {
    const token = createSecret();
    const untilMonoMs = this.#clock.monoMs() + TOKEN_LIFE_MS;
    this.#tokens = [...this.#tokens.slice(1 - MAX_TOKENS), { digest: digestOf(token), value: { untilMonoMs } }];
    return token;
  }

  /** The secret of a new session for a token, which is used up with it; `undefined` when the token is worth nothing. */
  exchange(token: string): string | undefined {
    const found = find(this.#tokens, token);
    if (!found) return undefined;
    this.#tokens = this.#tokens.filter((kept) => kept !== found);
    if (found.value.untilMonoMs <= this.#clock.monoMs()) return undefined;
    const secret = createSecret();
    if (this.#sessions.length >= MAX_SESSIONS) this.#dropQuietest();
    const session = { usedAtMonoMs: this.#clock.monoMs(), socketCount: 0 };
    this.#sessions.push({ digest: digestOf(secret), value: session });
    return secret;
  }

  /** The session of the first secret that is one's, as used now. */
  findSession(secrets: readonly string[]): PageSession | undefined {
    const known = secrets.map((secret) => find(this.#sessions, secret)?.value);
    const session = known.find((found) => found !== undefined);
    if (session) session.usedAtMonoMs = this.#clock.monoMs();
    return session;
  }

  #dropQuietest(): void {
    const quietest = this.#sessions.toSorted(
      ({ value: a }, { value: b }) =>
        Math.sign(a.socketCount) - Math.sign(b.socketCount) || a.usedAtMonoMs - b.usedAtMonoMs,
    )[0];
    this.#sessions = this.#sessions.filter((kept) => kept !== quietest);
  }
}

function createSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function find<T>(secrets: readonly Secret<T>[], secret: string): Secret<T> | undefined {
  const digest = digestOf(secret);
  let found: Secret<T> | undefined;
  for (const kept of secrets) if (timingSafeEqual(kept.digest, digest)) found = kept;
  return found;
}
