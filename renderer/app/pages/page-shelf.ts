/** Parts of the window that are fetched once: each when it is first wanted, or before. */
export class PageShelf<Name extends string, Page> {
  readonly #loaders: Readonly<Record<Name, () => Promise<Page>>>;
  readonly #loaded = new Map<Name, Page>();
  readonly #loading = new Map<Name, Promise<Page>>();

  constructor(loaders: Readonly<Record<Name, () => Promise<Page>>>) {
    this.#loaders = loaders;
  }

  /** A page that has come. */
  find(name: Name): Page | undefined {
    return this.#loaded.get(name);
  }

  /** Fetches a page, or waits for one that is on its way. One that did not come is fetched anew at the next call. */
  load(name: Name): Promise<Page> {
    const known = this.#loading.get(name);
    if (known) return known;
    const loading = this.#fetch(name);
    this.#loading.set(name, loading);
    return loading;
  }

  /** Fetches a page that may be wanted soon. That it does not come is told to whoever wants it, not here. */
  async preload(name: Name): Promise<void> {
    await this.load(name).catch(() => undefined);
  }

  async #fetch(name: Name): Promise<Page> {
    try {
      const page = await this.#loaders[name]();
      this.#loaded.set(name, page);
      return page;
    } catch (error) {
      this.#loading.delete(name);
      throw error;
    }
  }
}
