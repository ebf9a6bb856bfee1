/** Values that the other side may stop to take, and that can be made anew: credentials, the address of a cluster. */
import type { Clock } from '../../contract/ports.ts';

export interface Renewable<Value> {
  current(): Promise<Value>;
  /** Forgets what was refused, unless another has been made since. False: there is nothing else to try. */
  renew(refused: Value): boolean;
}

/** Milliseconds since the epoch; absent = as long as it is taken. */
export interface Ending {
  readonly expiresAt?: number;
}

export const fixed = <Value>(value: Value): Renewable<Value> => ({ current: async () => value, renew: () => false });

/** Keeps one value until it ends or is refused; those who ask at once share one making of it. */
export function renewed<Value extends object>(
  clock: Pick<Clock, 'now'>,
  make: () => Promise<Value & Ending>,
): Renewable<Value> {
  let made: (Value & Ending) | undefined;
  let making: Promise<Value> | undefined;
  const remade = async (): Promise<Value> => {
    try {
      made = await make();
      return made;
    } finally {
      making = undefined;
    }
  };
  return {
    current: async () => {
      const ends = made?.expiresAt ?? Number.POSITIVE_INFINITY;
      if (made && clock.now().getTime() < ends) return made;
      making ??= remade();
      return making;
    },
    renew: (refused) => {
      if (refused === made) made = undefined;
      return true;
    },
  };
}
