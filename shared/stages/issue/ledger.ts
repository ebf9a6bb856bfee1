/** The ledger of TXT values: a row before every value, gone only after the value is. */
import type { Iso, IssuerId } from '../../contract/ids.ts';
import { decided, keys, type Records, rows } from '../../contract/records.ts';
import type { TxtEntry } from '../../contract/rows.ts';
import type { TxtKey } from '../../contract/step.ts';

export class Ledger {
  readonly #records: Records;
  readonly #issuer: IssuerId;

  constructor(records: Records, issuer: IssuerId) {
    this.#records = records;
    this.#issuer = issuer;
  }

  /**
   * Before the value is written. `removeAt`: at the latest, whatever happens to the holder. Resolves to the change that has written the
   * value, where a run before has; undefined = it must be written.
   */
  async intend(key: TxtKey, holder: string, removeAt: Iso): Promise<string | undefined> {
    const stored = await this.#change(key, (entry) => ({
      ...{ zoneId: key.zoneId, fqdn: key.fqdn, value: key.value },
      holders: [...new Set([...(entry?.holders ?? []), holder])],
      ...(entry?.state === 'present' && entry.changeId
        ? { state: 'present', changeId: entry.changeId }
        : { state: 'intent' }),
      removeAt: entry && entry.holders.length > 0 && entry.removeAt > removeAt ? entry.removeAt : removeAt,
    }));
    return stored?.changeId;
  }

  /** After the value was written, by that change. */
  async present(key: TxtKey, changeId: string | undefined): Promise<void> {
    await this.#change(key, (entry) =>
      entry && entry.state !== 'removing'
        ? { ...entry, state: 'present', ...(changeId ? { changeId } : {}) }
        : undefined,
    );
  }

  /** One holder leaves; true when it was the last, and the value is to be removed now. */
  async leave(key: TxtKey, holder: string, now: Iso): Promise<boolean> {
    let isLast = false;
    await this.#change(key, (entry) => {
      const holders = (entry?.holders ?? []).filter((one) => one !== holder);
      isLast = entry !== undefined && holders.length === 0;
      if (!entry?.holders.includes(holder)) return undefined;
      return isLast ? { ...entry, holders, state: 'removing', removeAt: now } : { ...entry, holders };
    });
    return isLast;
  }

  /** Its time is over, whoever held it; false when somebody holds it anew. */
  async expire(key: TxtKey, now: Iso): Promise<boolean> {
    let isOver = false;
    await this.#change(key, (entry) => {
      isOver = entry !== undefined && entry.removeAt <= now;
      return entry && isOver ? { ...entry, holders: [], state: 'removing' } : undefined;
    });
    return isOver;
  }

  /** Whether nobody needs the value at this moment. */
  async isFree(key: TxtKey): Promise<boolean> {
    return ((await this.#records.get(keys.txt(key)))?.body.holders.length ?? 0) === 0;
  }

  /** A value that could not be removed is tried again then, unless somebody holds it anew. */
  async postpone(key: TxtKey, removeAt: Iso): Promise<void> {
    await this.#change(key, (entry) => (entry?.holders.length === 0 ? { ...entry, removeAt } : undefined));
  }

  /** After the value is gone; unless somebody holds it again, and will write it again. */
  async forget(key: TxtKey): Promise<void> {
    for (let row = await this.#records.get(keys.txt(key)); row && row.body.holders.length === 0; ) {
      if ((await this.#records.remove(keys.txt(key), row.rev)) === 'removed') return;
      row = await this.#records.get(keys.txt(key));
    }
  }

  async #change(
    key: TxtKey,
    next: (entry: TxtEntry | undefined) => TxtEntry | undefined,
  ): Promise<TxtEntry | undefined> {
    const row = await decided(this.#records, keys.txt(key), (stored) => {
      const entry = next(stored?.body);
      return entry && rows.txt(entry, stored?.rev ?? 0, this.#issuer);
    });
    return row?.body;
  }
}
