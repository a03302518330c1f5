/**
 * Remembers the text made from an immutable object for as long as the object lives.
 *
 * A session sends its whole conversation with every turn; without this its messages are turned into JSON again each time,
 * at a cost that grows with the square of its turns.
 */
export function createTextCache<Key extends object>(toText: (key: Key) => string): (key: Key) => string {
  const texts = new WeakMap<Key, string>();
  return (key) => {
    const known = texts.get(key);
    if (known !== undefined) return known;
    const text = toText(key);
    texts.set(key, text);
    return text;
  };
}
