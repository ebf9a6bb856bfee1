/** A rest that is ended early is over, and nothing else that goes wrong in it is passed over. */
import { expect, test } from 'vitest';
import { systemClock } from '../../../shared/adapters/local/system-clock.ts';
import { rest } from '../../../shared/contract/rest.ts';

const LONG_MS = 3_600_000;

test('is over with its signal, and with the time of its clock', async () => {
  await rest(systemClock(), LONG_MS, AbortSignal.abort());
  await rest(systemClock({ signal: AbortSignal.abort() }), LONG_MS);
  await rest(systemClock(), 1);
});

test('lets other errors out', async () => {
  const broken = { sleep: () => Promise.reject(new RangeError('no timer')), remainingMs: () => LONG_MS };
  await expect(rest(broken, LONG_MS, new AbortController().signal)).rejects.toThrow('no timer');
});
