/** Tasks ("wait for") that hold their thread until they are let go; `started(n)` resolves when n of them run. */
export function holder(): { input: Int32Array; started(count: number): Promise<void>; letGo(): void } {
  const input = new Int32Array(new SharedArrayBuffer(8));
  return {
    input,
    async started(count) {
      for (let now = Atomics.load(input, 1); now < count; now = Atomics.load(input, 1)) {
        await Atomics.waitAsync(input, 1, now).value;
      }
    },
    letGo() {
      Atomics.store(input, 0, 1);
      Atomics.notify(input, 0);
    },
  };
}
