/**
 * What every answer of the page's host carries. Nothing is loaded from elsewhere, nothing runs that is not one of our files,
 * nothing may frame or read the page; `connect-src` names the WebSocket outright, because not every browser counts it as 'self'. Without a `host` the page
 * talks over a port and needs none.
 */
export function securityHeaders(host?: string): Readonly<Record<string, string>> {
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' data: blob:`,
    `font-src 'self'`,
    host === undefined ? `connect-src 'self'` : `connect-src 'self' ws://${host}`,
    `manifest-src 'none'`,
    `object-src 'none'`,
    `worker-src 'none'`,
    `form-action 'none'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy':
      'camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), payment=(), serial=(), usb=()',
    'X-DNS-Prefetch-Control': 'off',
  };
}
