/** Holds the `limit` entries that were used last; reading is using. */
export class Lru {
  #limit;
  #entries = new Map();

  constructor(limit) {
    this.#limit = limit;
  }

  get size() {
    return this.#entries.size;
  }

  get(key) {
    return this.#entries.get(key);
  }

  set(key, value) {
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) {
      const oldest = this.#entries.keys().next().value;
      this.#entries.delete(oldest);
    }
    return this;
  }
}
