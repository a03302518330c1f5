/** Calls back when the work at hand is done (HTML Standard); Node and browsers have it. */
declare function queueMicrotask(callback: () => void): void;

/** UTF-8 as every place this code runs in has it: Node and browsers (WHATWG Encoding Standard). */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { readonly read: number; readonly written: number };
}
declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}
