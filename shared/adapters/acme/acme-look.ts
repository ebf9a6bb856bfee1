/** A CA and our account there, looked at: the directory, and the account as the CA has it. Registers nothing and changes nothing. */
import type { AccountContext, ReadSecret, Unseal } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { keys, type Records } from '../../contract/records.ts';
import type { Directory } from '../../standards/acme/directory.ts';
import { ACME_ERROR } from '../../standards/acme/fixes.ts';
import { type AccountWish, accountId, bindingKey, bindingRequired } from './acme-account.ts';
import { makeSession } from './acme-session.ts';
import { AcmeTransport, fetchDirectory, type TransportOptions } from './acme-transport.ts';

export interface AcmeLookOptions extends TransportOptions {
  readonly wish: AccountWish;
  readonly records: Records;
  readonly fleet: string;
  readonly readSecret: ReadSecret;
  /** Absent = the account's key is not for this process. */
  readonly unseal?: Unseal<AccountContext>;
}

export interface CaFound {
  readonly directory: Directory;
  /** Milliseconds by which our clock is ahead of the CA's; absent where its answer had no Date. */
  readonly aheadMs?: number;
}

export type AccountFound =
  /** The first run registers one; what it needs for that is there. */
  | { readonly is: 'none' }
  /** `status` and `contact` are the CA's words; absent where it was not asked. */
  | { readonly is: 'registered'; readonly url: string; readonly status?: string; readonly contact: readonly string[] };

/** Each throws ProblemError. */
export interface AcmeLook {
  ca(): Promise<CaFound>;
  account(): Promise<AccountFound>;
  /** The account's URL as it is stored; undefined = none is registered. */
  accountUrl(): Promise<string | undefined>;
  close(): void;
}

export function acmeLook(options: AcmeLookOptions): AcmeLook {
  const transport = new AcmeTransport(options);
  const { wish, records } = options;
  const stored = async () => (await records.get(keys.account(wish.server, wish.externalAccountBinding?.keyId)))?.body;
  return {
    ca: async () => {
      const before = options.clock.now().getTime();
      const { directory, date = '' } = await fetchDirectory(transport, wish.server);
      const theirs = Date.parse(date);
      if (Number.isNaN(theirs)) return { directory };
      return { directory, aheadMs: aheadOf(theirs, { before, after: options.clock.now().getTime() }) };
    },
    accountUrl: async () => (await stored())?.url,
    account: async () => {
      const row = await stored();
      const { directory } = await fetchDirectory(transport, wish.server);
      if (row?.url === undefined) {
        await requireBinding(options, directory);
        return { is: 'none' };
      }
      const { url, contact, sealedKey } = row;
      if (!options.unseal) return { is: 'registered', url, contact };
      const accountKey = Buffer.from(
        await options.unseal(sealedKey, { fleet: options.fleet, account: accountId(wish) }),
      );
      try {
        const { client } = makeSession({ server: wish.server, directory, transport, accountKey, accountUrl: url });
        const { data } = await client.api.apiRequest(url, null);
        return { is: 'registered', url, ...accountIn(data, contact) };
      } finally {
        accountKey.fill(0);
      }
    },
    close: () => transport.close(),
  };
}

/** A Date has whole seconds, and the answer took its time. */
function aheadOf(theirs: number, { before, after }: { readonly before: number; readonly after: number }): number {
  if (before > theirs + 1_000) return before - theirs - 1_000;
  return after < theirs ? after - theirs : 0;
}

async function requireBinding({ wish, readSecret }: AcmeLookOptions, directory: Directory): Promise<void> {
  const { externalAccountBinding, server } = wish;
  if (externalAccountBinding) await bindingKey(externalAccountBinding, readSecret);
  else if (directory.externalAccountRequired) throw bindingRequired(server);
}

/** RFC 8555 §7.1.2. */
function accountIn(
  data: unknown,
  stored: readonly string[],
): { readonly status: string; readonly contact: readonly string[] } {
  const { status, contact } = (typeof data === 'object' && data !== null ? data : {}) as Readonly<
    Record<string, unknown>
  >;
  if (typeof status !== 'string')
    throw new ProblemError({ type: 'nolapse:strange-answer', detail: 'the CA describes no account', retry: 'later' });
  if (status !== 'valid')
    throw new ProblemError({
      type: `${ACME_ERROR}unauthorized`,
      detail: `the CA says that the account is ${status}`,
      retry: 'never',
      fix: 'if that is meant, delete its ACCOUNT row from the state, and the next run registers a new one',
    });
  return { status, contact: Array.isArray(contact) ? contact.map(String) : stored };
}
