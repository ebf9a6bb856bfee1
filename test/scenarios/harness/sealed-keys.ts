/** What worlds keep sealed and nowhere in clear, opened by the keys that a test has: to be looked for where it must not be. */
import { join } from 'node:path';
import { fileSeal } from '../../../shared/adapters/local/file-seal.ts';
import { unsealText } from '../../../shared/adapters/sealed-text.ts';
import type { Heard } from '../../lambda/heard.ts';
import { registeredBytes, registeredKey } from './leaks.ts';
import { rowsIn } from './state.ts';
import type { Registered } from './traces.ts';

interface AccountRow {
  readonly sealedKey: string;
}

/** Keys of accounts at CAs, of a command: its state is a folder. */
export async function sealedInFolder(state: string, fleet: string): Promise<readonly Registered[]> {
  const { unseal } = await fileSeal(join(state, 'seal.key'));
  return Promise.all(
    rowsIn<AccountRow>(state, 'ACCOUNT#').map(async ({ pk, body }) => {
      const key = await unseal(body.sealedKey, { fleet, account: pk.slice('ACCOUNT#'.length) });
      return registeredKey('the key of an account', Buffer.from(key).toString());
    }),
  );
}

const SEALED = /v1\.[\w-]+\.[\w-]+/g;

/** Data keys of a service, and all that it has sealed under them. */
export async function sealedByService({ answers, dataKeys }: Pick<Heard, 'answers' | 'dataKeys'>) {
  const byWrapped = new Map(dataKeys.map((key) => [key.wrapped.toString('base64url'), key]));
  const texts = new Set(answers.flatMap(({ call }) => call.body.toString().match(SEALED) ?? []));
  const opened = await Promise.all(
    [...texts].map(async (text) => {
      const key = byWrapped.get(text.split('.')[1] ?? '');
      if (!key) throw new Error(`KMS has wrapped no data key of ${text}`);
      const plain = await unsealText(text, key.context, async () => Uint8Array.from(key.plain));
      const what = key.context.account === undefined ? 'an attempt' : 'an account';
      return registeredKey(`the key of ${what}`, Buffer.from(plain).toString(), key.context.account === undefined);
    }),
  );
  return [...opened, ...[...byWrapped.values()].map(({ plain }) => registeredBytes('a data key', plain))];
}
