/** What a program needs to find its files and other programs, and nothing that could be a secret. */
const PLAIN_NAMES =
  process.platform === 'win32'
    ? ['PATH', 'PATHEXT', 'SystemRoot', 'ComSpec', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'TEMP', 'TMP', 'LANG']
    : ['PATH', 'HOME', 'LANG', 'TMPDIR'];

/**
 * The whole environment of a command agent: the plain variables, `TERM=dumb` so that it draws nothing, and those that
 * its fleet names, where `source` has them.
 */
export function toCommandEnvironment(
  names: readonly string[],
  source: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const environment: Record<string, string> = { TERM: 'dumb' };
  for (const name of [...PLAIN_NAMES, ...names]) {
    const value = source[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
