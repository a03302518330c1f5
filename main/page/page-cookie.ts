/** Values looked at under our name: any local program may lay more there, and every one costs a comparison. */
const MAX_VALUES = 8;

/** With the port, because a browser shares cookies between all ports of one machine. */
function cookieName(port: number): string {
  return `flotilla-${port}`;
}

/**
 * The cookie that carries a session; it ends with the browser. It goes to `base` only, a path that cannot be guessed: a browser
 * sends cookies to every port of `127.0.0.1`, so that with a known path each local server that is looked at would be given it.
 * Not `Secure`: loopback has no TLS, and not every browser makes an exception.
 */
export function toCookie(port: number, base: string, secret: string): string {
  return `${cookieName(port)}=${secret}; Path=${base}; HttpOnly; SameSite=Strict`;
}

/** What a `Cookie` header holds under our name: more than one value where another port of this machine has set some, too. */
export function findSecrets(port: number, header: string | undefined): readonly string[] {
  const start = `${cookieName(port)}=`;
  const found = (header ?? '').split(';').flatMap((pair) => {
    const text = pair.trim();
    return text.startsWith(start) ? [text.slice(start.length)] : [];
  });
  return found.slice(0, MAX_VALUES);
}
