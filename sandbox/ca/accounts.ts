/** The accounts of a CA (RFC 8555 §7.3): one per key, found again by it, with an external account binding where one is required. */
import type { JWK } from 'jose';
import { checkEab } from './jws.ts';
import { newId } from './orders.ts';
import { refused } from './problem.ts';

export interface Account {
  readonly id: string;
  readonly jwk: JWK;
  readonly thumbprint: string;
  readonly eabKeyId: string | undefined;
  contact: readonly string[];
  status: 'valid' | 'deactivated';
}

export interface AccountsOptions {
  readonly requireEab: boolean;
  readonly eabKeys: Readonly<Record<string, string>>;
}

export interface Registration {
  readonly payload: unknown;
  readonly key: { readonly jwk: JWK; readonly thumbprint: string };
  /** URL of newAccount. */
  readonly url: string;
}

type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (payload: unknown): Fields => {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw refused('malformed', 'Request payload is not a JSON object');
  return payload as Fields;
};

function contactOf(fields: Fields): readonly string[] {
  const { contact = [] } = fields;
  if (!Array.isArray(contact) || !contact.every((one): one is string => typeof one === 'string'))
    throw refused('malformed', 'contact is not a list of URLs');
  const bad = contact.find((one) => !/^mailto:[^@\s?,]+@[^@\s?,]+\.[^@\s?,]+$/.test(one));
  if (bad !== undefined) throw refused('invalidContact', `contact ${bad}: not one mailto URL of one address`);
  return contact;
}

export const renderAccount = ({ status, contact, jwk }: Account) => ({ status, contact, key: jwk });

export class Accounts {
  readonly #options: AccountsOptions;
  readonly #byId = new Map<string, Account>();
  readonly #byThumbprint = new Map<string, Account>();

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** The account of the key, made when there is none and that is allowed. */
  async register({ payload, key, url }: Registration): Promise<{ readonly account: Account; readonly isNew: boolean }> {
    const fields = fieldsOf(payload);
    const known = this.#byThumbprint.get(key.thumbprint);
    if (known) return { account: this.#active(known), isNew: false };
    if (fields.onlyReturnExisting === true)
      throw refused('accountDoesNotExist', 'No account exists with the provided key');
    if (fields.termsOfServiceAgreed !== true) throw refused('malformed', 'must agree to terms of service');
    const contact = contactOf(fields);
    const eabKeyId = await this.#bind(fields, key.thumbprint, url);
    const account: Account = { id: newId(), ...key, eabKeyId, contact, status: 'valid' };
    this.#byId.set(account.id, account);
    this.#byThumbprint.set(account.thumbprint, account);
    return { account, isNew: true };
  }

  /** Throws for an account that is unknown or deactivated. */
  get(id: string): Account {
    const account = this.#byId.get(id);
    if (!account) throw refused('accountDoesNotExist', `Account "${id}" not found`);
    return this.#active(account);
  }

  update(account: Account, payload: unknown): void {
    if (payload === undefined) return;
    const fields = fieldsOf(payload);
    if (fields.status === 'deactivated') account.status = 'deactivated';
    else if (fields.contact !== undefined) account.contact = contactOf(fields);
  }

  #active(account: Account): Account {
    if (account.status === 'valid') return account;
    throw refused('unauthorized', 'Account is not valid, has status "deactivated"');
  }

  async #bind(fields: Fields, thumbprint: string, url: string): Promise<string | undefined> {
    const { externalAccountBinding } = fields;
    if (externalAccountBinding === undefined) {
      if (!this.#options.requireEab) return undefined;
      throw refused('externalAccountRequired', 'The server requires an external account binding');
    }
    return checkEab(externalAccountBinding, { keys: this.#options.eabKeys, url, thumbprint });
  }
}
