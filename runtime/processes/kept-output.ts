/** The part of an output that is kept: decoded piece by piece, so that a character cut by a piece's border is still right. */
export class KeptOutput {
  readonly #maxBytes: number;
  readonly #onText: ((text: string) => void) | undefined;
  readonly #decoder = new TextDecoder();
  #texts: string[] = [];
  #keptBytes = 0;

  constructor(maxBytes: number, onText?: (text: string) => void) {
    this.#maxBytes = maxBytes;
    this.#onText = onText;
  }

  /** Keeps what still fits of `bytes`. */
  add(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, this.#maxBytes - this.#keptBytes);
    this.#keptBytes += kept.length;
    this.#take(this.#decoder.decode(kept, { stream: true }));
  }

  /**
   * The whole text. A character that the limit has cut is left out; bytes that are no UTF-8 become U+FFFD.
   *
   * @param producedBytes How much there was in all.
   */
  end(producedBytes: number): string {
    if (producedBytes <= this.#keptBytes) this.#take(this.#decoder.decode());
    const text = this.#texts.join('');
    this.#texts = [];
    return text;
  }

  #take(text: string): void {
    if (text === '') return;
    this.#texts.push(text);
    this.#onText?.(text);
  }
}
