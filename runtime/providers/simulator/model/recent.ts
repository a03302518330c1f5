/**
 * Keeps the values made for recent keys, so that a conversation's prompt is read once and not at
 * every turn: at most twice `maxCount`, in two generations of which the older is dropped whole.
 */
export function createRecent<Value>(maxCount: number): (key: string, make: () => Value) => Value {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return (key, make) => {
    let value = young.get(key);
    if (value !== undefined) return value;
    value = old.get(key) ?? make();
    if (young.size === maxCount) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
    return value;
  };
}
