/** The cookie's name: with the port, because a browser shares cookies between all ports of one machine. */
export function cookieName(port: number): string {
  return `flotilla-${port}`;
}

/** The cookie that carries a session; it ends with the browser. Not `Secure`: loopback has no TLS, and not every browser makes an exception. */
export function toCookie(port: number, secret: string): string {
  return `${cookieName(port)}=${secret}; Path=/; HttpOnly; SameSite=Strict`;
}

/** The session's secret in a `Cookie` header; `undefined` when there is none, or more than one. */
export function findSecret(port: number, header: string | undefined): string | undefined {
  const start = `${cookieName(port)}=`;
  const found = (header ?? '').split(';').flatMap((pair) => {
    const text = pair.trim();
    return text.startsWith(start) ? [text.slice(start.length)] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}
