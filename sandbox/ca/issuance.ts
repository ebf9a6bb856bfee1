/** From a finalized order to a certificate chain, and what becomes of certificates afterwards. */

import { X509Certificate } from 'node:crypto';
import type { JWK } from 'jose';
import type { Control } from '../control.ts';
import type { CaFault, Profile } from './config.ts';
import type { Csr } from './csr.ts';
import { type Issuer, strangersKey } from './issuer.ts';
import type { Order } from './order.ts';
import { newId } from './orders.ts';
import { notFound, problem, refused } from './problem.ts';

export interface Issued {
  readonly id: string;
  readonly accountId: string;
  readonly leafPem: string;
  readonly serial: string;
  revoked: boolean;
}

export interface IssuanceOptions {
  readonly issuer: Issuer;
  readonly control: Control<CaFault>;
  readonly profiles: Readonly<Record<string, Profile>>;
}

const MAX_COMMON_NAME = 64;
const REASONS = [0, 1, 3, 4, 5];

const hexOf = (pem: string): string => new X509Certificate(pem).raw.toString('hex');

export class Issuance {
  readonly #options: IssuanceOptions;
  readonly #issued = new Map<string, Issued>();

  constructor(options: IssuanceOptions) {
    this.#options = options;
  }

  /** Makes the certificate in the background; the order is `processing` until then, longer where a fault says so. */
  start(order: Order, csr: Csr): void {
    order.progress = { kind: 'processing' };
    const held = this.#options.control.take('stay-processing', concerns(order));
    if (!held) this.#finish(order, csr);
    else if (held.ms !== undefined) setTimeout(() => this.#finish(order, csr), held.ms).unref();
    else this.#options.control.whenCleared(() => this.#finish(order, csr));
  }

  #finish(order: Order, csr: Csr): void {
    this.#issue(order, csr).catch((error: unknown) => {
      order.progress = { kind: 'invalid', error: problem('serverInternal', String(error)) };
    });
  }

  /** The chain, leaf first, root left out. Throws 404 for a certificate that is unknown or another account's. */
  chain(id: string, accountId: string, variant: 'default' | 'alternate'): string {
    const issued = this.#issued.get(id);
    if (!issued || issued.accountId !== accountId) throw notFound('certificate', id);
    const { intermediatePem, alternateIntermediatePem } = this.#options.issuer.pems;
    const intermediate = variant === 'default' ? intermediatePem : alternateIntermediatePem;
    return `${issued.leafPem.trimEnd()}\n${intermediate.trimEnd()}\n`;
  }

  /** RFC 8555 §7.6: by the account that ordered it or by its own key. */
  revoke(certificate: unknown, reason: unknown, by: { readonly accountId: string } | { readonly jwk: JWK }): void {
    const der = Buffer.from(String(certificate), 'base64url').toString('hex');
    const issued = [...this.#issued.values()].find((one) => hexOf(one.leafPem) === der);
    if (!issued) throw refused('malformed', 'Certificate from unrecognized issuer', { status: 404 });
    if (!mayRevoke(issued, by))
      throw refused(
        'unauthorized',
        'The key that signed the revocation is neither of the account nor of the certificate',
      );
    if (reason !== undefined && !REASONS.includes(Number(reason)))
      throw refused('badRevocationReason', `unsupported revocation reason code provided: ${String(reason)}`);
    if (issued.revoked) throw refused('alreadyRevoked', 'Certificate already revoked');
    issued.revoked = true;
  }

  async #issue(order: Order, csr: Csr): Promise<void> {
    const { issuer, control, profiles } = this.#options;
    const profile = profiles[order.profile];
    if (!profile) throw new RangeError(`profile ${order.profile}: there is none`);
    const isMeant = concerns(order);
    const publicKey = control.take('wrong-key', isMeant) ? await strangersKey() : csr.publicKey;
    const isShort = control.take('missing-name', isMeant) !== undefined;
    const names = isShort
      ? [...order.names.slice(0, -1), ...(order.names.length === 1 ? ['other.invalid'] : [])]
      : order.names;
    const fits = names.find((name) => name.length <= MAX_COMMON_NAME);
    const commonName = profile.commonName ? (csr.commonName ?? fits) : undefined;
    const leaf = await issuer.issue({ publicKey, names, commonName, seconds: profile.seconds });
    const id = newId();
    this.#issued.set(id, { id, accountId: order.accountId, leafPem: leaf.pem, serial: leaf.serial, revoked: false });
    order.progress = { kind: 'valid', certificateId: id };
  }
}

/** Whether a fault that may name one name means this order. */
export const concerns =
  (order: Pick<Order, 'names'>) =>
  (fault: { readonly name?: string }): boolean =>
    fault.name === undefined || order.names.includes(fault.name);

function mayRevoke(issued: Issued, by: { readonly accountId: string } | { readonly jwk: JWK }): boolean {
  if ('accountId' in by) return by.accountId === issued.accountId;
  const own = new X509Certificate(issued.leafPem).publicKey.export({ format: 'jwk' });
  return own.kty === by.jwk.kty && own.x === by.jwk.x && own.n === by.jwk.n;
}
