/** A bell inside one process: which lanes were rung, and the loop that answers. Remembers nothing beyond the process. */
import type { Lane } from '../../contract/ids.ts';
import type { Bell } from '../../contract/ports.ts';

export interface MemoryBell extends Bell {
  /** Lanes that were rung and not taken yet, in the order of their first ring. */
  rung(): readonly Lane[];
  /** Takes the lane that has waited longest. */
  take(): Lane | undefined;
  /**
   * Works until no lane is rung and none is worked on: lanes side by side, one worker a lane; a lane that is rung while it is worked on
   * is worked on once more. A worker that throws stops no other; what they threw is thrown at the end, several as AggregateError.
   */
  answer(work: (lane: Lane) => Promise<void>): Promise<void>;
}

export function memoryBell(): MemoryBell {
  const rung = new Set<Lane>();
  let heard = (): void => undefined;

  const take = (busy?: ReadonlyMap<Lane, unknown>): Lane | undefined => {
    const lane = [...rung].find((candidate) => !busy?.has(candidate));
    if (lane !== undefined) rung.delete(lane);
    return lane;
  };

  return {
    async ring(lane) {
      rung.add(lane);
      heard();
    },
    rung: () => [...rung],
    take: () => take(),
    async answer(work) {
      const working = new Map<Lane, Promise<void>>();
      const errors: unknown[] = [];
      const start = (lane: Lane): void => {
        const done = Promise.resolve(lane)
          .then(work)
          .catch((error: unknown) => errors.push(error))
          .then(() => void working.delete(lane));
        working.set(lane, done);
      };
      do {
        for (let lane = take(working); lane !== undefined; lane = take(working)) start(lane);
        const ring = Promise.withResolvers<void>();
        heard = ring.resolve;
        if (working.size > 0) await Promise.race([...working.values(), ring.promise]);
      } while (working.size > 0 || rung.size > 0);
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1) throw new AggregateError(errors, `${errors.length} lanes failed`);
    },
  };
}
