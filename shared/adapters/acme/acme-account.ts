/** The installation's account at a CA: its key is sealed and stored before it is registered, so that no crash makes a second one. */
import { generateKeyPairSync } from 'node:crypto';
import type { AccountContext, Clock, ReadSecret, Seal, SecretRef, Unseal } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { keys, type Records, type Row, rows } from '../../contract/records.ts';
import { withUnknown } from '../../contract/row-fields.ts';
import type { Account } from '../../contract/rows.ts';
import { requireHttps } from '../../standards/acme/directory.ts';
import { ACME_ERROR } from '../../standards/acme/fixes.ts';
import { type AcmeSession, makeSession } from './acme-session.ts';
import { type AcmeTransport, fetchDirectory } from './acme-transport.ts';

export interface AccountDependencies {
  readonly records: Records;
  readonly seal: Seal<AccountContext>;
  readonly unseal: Unseal<AccountContext>;
  readonly fleet: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly readSecret: ReadSecret;
  /** A line for people before something unusual is done. */
  readonly announce: (line: string) => void;
}

export interface AccountWish {
  readonly server: string;
  readonly email?: string;
  readonly externalAccountBinding?: Binding;
}

interface Binding {
  readonly keyId: string;
  readonly secret: SecretRef;
}

/** What names the account in rows and limits: one for each directory and EAB key. */
export const accountId = ({ server, externalAccountBinding }: AccountWish): string =>
  keys.account(server, externalAccountBinding?.keyId).pk.slice('ACCOUNT#'.length);

/** The HMAC key that the CA gave for an account. Throws ProblemError `nolapse:eab-key`, and what `readSecret` throws. */
export async function bindingKey({ secret }: Binding, readSecret: ReadSecret): Promise<string> {
  const hmacKey = Buffer.from(await readSecret(secret))
    .toString('utf8')
    .trim();
  if (/^[A-Za-z0-9_+/-]+=*$/.test(hmacKey)) return hmacKey;
  throw new ProblemError({
    type: 'nolapse:eab-key',
    detail: `the key ${secret.key} of the Secret ${secret.name} is no base64url text, so it cannot bind the account`,
    retry: 'never',
    fix: 'put the HMAC key there exactly as the CA printed it',
  });
}

/** Of an issuer without one, at a CA that takes no account without. */
export const bindingRequired = (server: string): ProblemError =>
  new ProblemError({
    type: `${ACME_ERROR}externalAccountRequired`,
    detail: `${server} registers accounts with an external account binding only, and the issuer has none`,
    retry: 'never',
    fix: 'set spec.acme.externalAccountBinding of the issuer to the key id and key that the CA gave you',
  });

/** The one opener of one account; throws ProblemError whenever it cannot be used, and never makes another instead. */
export class AcmeAccount {
  readonly #needs: AccountDependencies;
  readonly #wish: AccountWish;
  readonly #transport: AcmeTransport;

  constructor(needs: AccountDependencies, wish: AccountWish, transport: AcmeTransport) {
    this.#needs = needs;
    this.#wish = wish;
    this.#transport = transport;
  }

  /** Directory read, key opened, account registered, contact as wished. */
  async open(): Promise<AcmeSession> {
    const { directory } = await fetchDirectory(this.#transport, this.#wish.server);
    const { stored, accountKey } = await this.#opened((await this.#stored()) ?? (await this.#create()));
    const { url } = stored.body;
    const session = makeSession({
      server: this.#wish.server,
      directory,
      transport: this.#transport,
      accountKey,
      ...(url ? { accountUrl: url } : {}),
    });
    const registered = url ? stored : await this.#register(session, stored);
    await this.#updateContact(session, registered);
    return session;
  }

  /** A key that cannot be opened any more is lost, and its account with it: another one is made, and said. */
  async #opened(stored: Row<Account>): Promise<{ readonly stored: Row<Account>; readonly accountKey: Buffer }> {
    const { unseal, fleet, announce } = this.#needs;
    const context = { fleet, account: accountId(this.#wish) };
    try {
      return { stored, accountKey: Buffer.from(await unseal(stored.body.sealedKey, context)) };
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.type !== 'nolapse:seal-broken') throw error;
      announce(`the account key for ${this.#wish.server} cannot be opened any more; a new account is registered there`);
      const made = await this.#create(stored);
      return { stored: made, accountKey: Buffer.from(await unseal(made.body.sealedKey, context)) };
    }
  }

  #stored(): Promise<Row<Account> | undefined> {
    return this.#needs.records.get(keys.account(this.#wish.server, this.#wish.externalAccountBinding?.keyId));
  }

  async #create(lost?: Row<Account>): Promise<Row<Account>> {
    const { seal, fleet, clock } = this.#needs;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const sealedKey = await seal(pem, { fleet, account: accountId(this.#wish) });
    const { server, externalAccountBinding } = this.#wish;
    return this.#write(
      {
        directory: server,
        sealedKey,
        contact: this.#contact(),
        ...(externalAccountBinding ? { eabKeyId: externalAccountBinding.keyId } : {}),
        termsAgreedAt: clock.now().toISOString(),
      },
      lost,
    );
  }

  /** RFC 8555 §7.3: the same key registered twice is the same account, so a crash before the URL is stored costs nothing. */
  async #register(session: AcmeSession, stored: Row<Account>): Promise<Row<Account>> {
    const { client, directory } = session;
    const { contact } = stored.body;
    const binding = await this.#binding(session);
    const answer = await client.api.createAccount({
      termsOfServiceAgreed: true,
      ...(contact.length > 0 ? { contact } : {}),
      ...(binding ? { externalAccountBinding: binding } : {}),
    });
    const url = answer.headers.location;
    if (!url) {
      const detail = `${directory.newAccount} named no account URL`;
      throw new ProblemError({ type: 'nolapse:strange-answer', detail, status: answer.status, retry: 'later' });
    }
    return this.#write({ ...stored.body, url: requireHttps(url, 'the account URL') }, stored);
  }

  /** RFC 8555 §7.3.4: the CA's key signs our public key. */
  async #binding({ client, directory }: AcmeSession): Promise<object | undefined> {
    const { externalAccountBinding, server } = this.#wish;
    if (!externalAccountBinding) {
      if (!directory.externalAccountRequired) return undefined;
      throw bindingRequired(server);
    }
    const { keyId } = externalAccountBinding;
    const hmacKey = await bindingKey(externalAccountBinding, this.#needs.readSecret);
    return client.http.createSignedHmacBody(hmacKey, directory.newAccount, client.http.getJwk(), { kid: keyId });
  }

  /** An issuer without a mail address leaves what the account has. */
  async #updateContact({ client }: AcmeSession, stored: Row<Account>): Promise<void> {
    const contact = this.#contact();
    if (contact.length === 0 || contact.join() === stored.body.contact.join()) return;
    await client.api.updateAccount({ contact });
    await this.#write({ ...stored.body, contact }, stored);
  }

  #contact(): readonly string[] {
    return this.#wish.email ? [`mailto:${this.#wish.email}`] : [];
  }

  /** What is there after the write: where another worker was first, its row, whose key is then the account's. */
  async #write(body: Account, before?: Row<Account>): Promise<Row<Account>> {
    const row = withUnknown(rows.account(body, before?.rev ?? 0), before);
    if ((await this.#needs.records.put(row)) === 'written') return { ...row, rev: row.rev + 1 };
    const theirs = await this.#stored();
    if (theirs) return theirs;
    const detail = `the account row of ${body.directory} was removed while it was written`;
    throw new ProblemError({ type: 'nolapse:state-changed', detail, retry: 'later' });
  }
}
