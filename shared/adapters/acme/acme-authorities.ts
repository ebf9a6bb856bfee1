/** The ACME authorities of a run: one connection for each directory and EAB key, so that its orders share nonces, directory and account. */

import type { AcmeIssuerSpec, Issuer } from '../../contract/fleet.ts';
import type { Authority } from '../../contract/ports.ts';
import { secretRefOf } from '../../standards/certmanager/issuer-secrets.ts';
import { type AccountDependencies, type AccountWish, AcmeAccount, accountId } from './acme-account.ts';
import { AcmeAuthority } from './acme-authority.ts';
import type { AcmeSession } from './acme-session.ts';
import { AcmeTransport } from './acme-transport.ts';

export interface AcmeOptions extends AccountDependencies {
  /** Nolapse's own, for the User-Agent. */
  readonly version: string;
  /** For one request; default 15 s. */
  readonly timeoutMs?: number;
  /** Told of every request to a CA before it is sent. */
  readonly asked?: () => void;
}

export interface AcmeIssuer extends Issuer {
  readonly spec: AcmeIssuerSpec;
}

export interface IssuerPlace {
  /** The hosted zone that a challenge's record belongs into; undefined = none of ours. */
  readonly zoneOf: (fqdn: string) => string | undefined;
  /** Where Secrets of a ClusterIssuer are read in its cluster. */
  readonly clusterResourceNamespace: string;
}

interface Connection {
  readonly transport: AcmeTransport;
  readonly session: () => Promise<AcmeSession>;
}

/** A value made once and shared; a failure is not kept, so the next to ask tries again. */
function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    const current = made ?? make();
    made = current;
    current.catch(() => {
      if (made === current) made = undefined;
    });
    return current;
  };
}

export class AcmeAuthorities {
  readonly #options: AcmeOptions;
  readonly #connections = new Map<string, Connection>();

  constructor(options: AcmeOptions) {
    this.#options = options;
  }

  /** Asks nothing of the CA: directory and account are opened by the first step that needs them. */
  of(issuer: AcmeIssuer, { zoneOf, clusterResourceNamespace }: IssuerPlace): Authority {
    const wish = accountWish(issuer, clusterResourceNamespace);
    const { server, preferredChain, caBundle } = issuer.spec;
    const { session } = this.#connect(wish, caBundle);
    return new AcmeAuthority({
      session,
      zoneOf,
      clock: this.#options.clock,
      ...(preferredChain ? { preferredChain } : {}),
      scope: { directoryHost: URL.canParse(server) ? new URL(server).host : server, account: accountId(wish) },
    });
  }

  /** Closes the connections; a run calls it once, at its end. */
  close(): void {
    for (const { transport } of this.#connections.values()) transport.close();
    this.#connections.clear();
  }

  #connect(wish: AccountWish, caBundle: string | undefined): Connection {
    const key = JSON.stringify([accountId(wish), caBundle]);
    const known = this.#connections.get(key);
    if (known) return known;
    const { version, clock, timeoutMs, asked } = this.#options;
    const transport = new AcmeTransport({
      clock,
      version,
      ...(caBundle ? { caBundle } : {}),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(asked ? { asked } : {}),
    });
    const account = new AcmeAccount(this.#options, wish, transport);
    const connection = { transport, session: shared(() => account.open()) };
    this.#connections.set(key, connection);
    return connection;
  }
}

/** What an issuer wants of its account. */
export function accountWish(issuer: AcmeIssuer, clusterResourceNamespace: string): AccountWish {
  const { server, email, externalAccountBinding } = issuer.spec;
  const wish = { server, ...(email ? { email } : {}) };
  if (!externalAccountBinding) return wish;
  const { keyId, keySecret } = externalAccountBinding;
  const secret = secretRefOf(issuer, clusterResourceNamespace)(keySecret.name, keySecret.key);
  return { ...wish, externalAccountBinding: { keyId, secret } };
}
