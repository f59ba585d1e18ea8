// Handles of the library: each goes with the JavaScript value that has it, or with its engine.
import { errorOf } from './errors.js';
import { CLOSED } from './native.js';

/** One of them, until it is destroyed: behind its end, and not before the last call that uses it on another thread. */
class Held {
  #destroy;
  #all;
  #uses = 0;
  #isOver = false;

  constructor(native, destroy, all) {
    this.native = native;
    this.#destroy = destroy;
    this.#all = all;
    all.add(this);
  }

  get isOver() {
    return this.#isOver;
  }

  async during(call) {
    ++this.#uses;
    try {
      return await call(this.native);
    } finally {
      --this.#uses;
      this.#dropIfUnused();
    }
  }

  end() {
    this.#isOver = true;
    this.#dropIfUnused();
  }

  #dropIfUnused() {
    if (!this.#isOver || this.#uses > 0 || this.native === null) return;
    const { native } = this;
    this.native = null;
    this.#all.delete(this);
    this.#destroy(native);
  }
}

const forgotten = new FinalizationRegistry((held) => held.end());

/** What a JavaScript value has of a handle: when it is forgotten, the handle goes. */
class Handle {
  #held;

  constructor(held) {
    this.#held = held;
    forgotten.register(this, held);
  }

  get isOver() {
    return this.#held.isOver;
  }

  /** For one call, at once. @throws ClosedError behind the engine's end */
  get native() {
    if (this.#held.isOver) throw errorOf(CLOSED, 'the engine was closed');
    return this.#held.native;
  }

  /** What `call(native)` resolves with, which uses the handle on another thread. */
  async during(call) {
    if (this.#held.isOver) throw errorOf(CLOSED, 'the engine was closed');
    return this.#held.during(call);
  }
}

/** The handles that keep an engine's memory and descriptors: its own, those that share it, its sessions. */
export class Handles {
  #all = new Set();

  own(native, destroy) {
    return new Handle(new Held(native, destroy, this.#all));
  }

  /** The engine was closed. */
  end() {
    for (const held of [...this.#all]) held.end();
  }
}
