/** Pages outside that a link in the window may open, in the user's own browser. */
const OUTSIDE_HOSTS: ReadonlySet<string> = new Set([
  'github.com',
  'platform.openai.com',
  'console.anthropic.com',
  'openrouter.ai',
]);

/** The address to open in the user's own browser; `undefined` when it is none that the program's links lead to. */
export function findOutsideAddress(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '') return undefined;
  return OUTSIDE_HOSTS.has(url.hostname) ? url.href : undefined;
}
