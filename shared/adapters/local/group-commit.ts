/** Writes that wait at the same moment share one commit: a commit waits for the disk, and a hundred of them would wait a hundred times. */
import type { DatabaseSync } from 'node:sqlite';

interface Write {
  /** Whether it changed anything. */
  readonly run: () => boolean;
  readonly resolve: (changed: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #database: DatabaseSync;
  #waiting: Write[] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Resolves when the write is durable, or has changed nothing; rejects with SQLite's error, and then nothing of its group was written. */
  write(run: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  /** Commits what waits, now. */
  flush(): void {
    const writes = this.#waiting;
    this.#waiting = [];
    if (writes.length === 0) return;
    try {
      const changed = this.#together(writes);
      for (const [i, { resolve }] of writes.entries()) resolve(changed[i] === true);
    } catch (error) {
      for (const { reject } of writes) reject(error);
    }
  }

  #together(writes: readonly Write[]): readonly boolean[] {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const changed = writes.map(({ run }) => run());
      this.#database.exec('COMMIT');
      return changed;
    } catch (error) {
      // some errors, a full disk for one, have ended the transaction already
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
