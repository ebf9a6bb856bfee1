/** Many small pieces of work on rows, some of them at once: each waits for the store far longer than it thinks. */
import { ROWS_AT_ONCE } from '../contract/limits.ts';

/** What came of each, in their order. The first error ends it once what was begun has ended: nothing goes on behind the caller's back. */
export async function sideBySide<T, R>(all: Iterable<T>, work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const left = [...all].entries();
  let isBroken = false;
  const workOn = async (): Promise<void> => {
    for (const [i, one] of left) {
      if (isBroken) return;
      try {
        results[i] = await work(one);
      } catch (error) {
        isBroken = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: ROWS_AT_ONCE }, workOn));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return results;
}
