/**
 * A call's arguments as the object both wire formats want back in the conversation.
 *
 * What the model wrote may not be JSON, or not an object; it is then sent back under one key, since servers refuse the
 * whole conversation otherwise (vLLM answers 400) and the model can still see what it wrote.
 */
export function toArgumentsObject(argumentsJson: string): object {
  try {
    const value: unknown = JSON.parse(argumentsJson);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through to the text itself.
  }
  return argumentsJson.trim() === '' ? {} : { unreadable: argumentsJson };
}
