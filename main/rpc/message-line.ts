/**
 * The value of one line of JSON, or `undefined` when it is none or could reach an object's prototype.
 *
 * Only a line in which the name occurs, also written with escapes, pays for the second look.
 */
export function parseMessageLine(line: string): unknown {
  try {
    if (!/__proto__|\\u/.test(line)) return JSON.parse(line) as unknown;
    return JSON.parse(line, refusePrototype) as unknown;
  } catch {
    return undefined;
  }
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('a message must not name __proto__');
  return value;
}
