/** One after the other where the key is the same, side by side where it is not. */
export class InTurn {
  readonly #last = new Map<string, Promise<void>>();

  /** Begins when whoever asked for this key before has ended, however that was. */
  async work<T>(key: string, does: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const running = before.then(does);
    const over = running.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, over);
    try {
      return await running;
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key);
    }
  }
}
