/** What to do about a CA's refusal: one sentence for each type of problem that a person can settle. */
import type { Subproblem } from '../../contract/problem.ts';

export const ACME_ERROR = 'urn:ietf:params:acme:error:';

/** What the one sentence may need besides the type. */
export interface FixFacts {
  readonly detail: string;
  readonly subproblems: readonly Subproblem[];
  /** RFC 8555 §6.7: a URL with instructions for a person. */
  readonly instance?: string;
  /** The terms of service that a Link header names. */
  readonly terms?: string;
  /** `caaIdentities` of the directory: what a CAA record must hold (RFC 8659). */
  readonly caaIdentities: readonly string[];
}

/** Every DNS name that a problem speaks of: its subproblems' identifiers, else what boulder quotes. */
export function namesIn({ detail, subproblems }: Pick<FixFacts, 'detail' | 'subproblems'>): readonly string[] {
  const identified = subproblems.flatMap(({ identifier }) => (identifier ? [identifier.value] : []));
  if (identified.length > 0) return [...new Set(identified)];
  const quoted = [...detail.matchAll(/"([^"\s]+\.[^"\s]+)"/g)].map(([, name]) => name ?? '');
  const caa = /CAA record for (\S+) prevents/.exec(detail)?.[1];
  return [...new Set(caa ? [caa] : quoted)];
}

/** The CAA lines that would let this CA issue (RFC 8659 §4.2, §4.3). */
function caaFix(facts: FixFacts): string {
  const identity = facts.caaIdentities[0] ?? "<the CA's domain>";
  const lines = namesIn(facts).map((name) => {
    const tag = name.startsWith('*.') ? 'issuewild' : 'issue';
    return `${name.replace(/^\*\./, '')}. CAA 0 ${tag} "${identity}"`;
  });
  const wanted = lines.length > 0 ? lines.join('; ') : `<name>. CAA 0 issue "${identity}"`;
  return `add this DNS record, or remove the CAA records that name other CAs only: ${wanted}`;
}

const userActionFix = ({ instance, terms, detail }: FixFacts): string => {
  const link = instance ?? terms ?? /https:\/\/[^\s"<>]+/.exec(detail)?.[0];
  return link
    ? `open ${link} and do what the CA asks of the account's owner`
    : 'do what the CA asks of the account owner';
};

const unpauseFix = ({ detail }: FixFacts): string => {
  const link = /https:\/\/[^\s"<>]+/.exec(detail)?.[0] ?? 'the link in the message';
  return `mend what made validation fail so often, then open ${link} to unpause the names`;
};

const LOST_ACCOUNT =
  'the CA no longer takes the account of this installation: if that is meant, delete its ACCOUNT row from the state, and the next run registers a new one';

const FIXES: Readonly<Record<string, (facts: FixFacts) => string>> = {
  caa: caaFix,
  userActionRequired: userActionFix,
  accountDoesNotExist: () => LOST_ACCOUNT,
  externalAccountRequired: () =>
    'set spec.acme.externalAccountBinding of the issuer to the key id and key that the CA gave you',
  rejectedIdentifier: (facts) =>
    `take ${namesIn(facts).join(', ') || 'the refused names'} out of the certificate, or ask the CA to allow them`,
  unsupportedIdentifier: () => 'ask for DNS names only, or use an issuer that certifies the others',
  invalidProfile: () => 'set spec.acme.profile of the issuer to a profile that the directory offers',
  invalidContact: () => 'set spec.acme.email of the issuer to an address that can receive mail',
  unsupportedContact: () => 'set spec.acme.email of the issuer to an address that can receive mail',
  badCSR: () => 'ask for a key and names that the CA accepts: RSA 2048 to 4096, or ECDSA P-256 or P-384',
  badPublicKey: () => 'ask for another key: RSA 2048 to 4096, or ECDSA P-256 or P-384',
  unauthorized: ({ detail }) =>
    /deactivated|revoked|not valid/.test(detail)
      ? LOST_ACCOUNT
      : 'check that the account may do this at the CA and, where the CA binds accounts, that key id and key are those it gave you',
  dns: (facts) =>
    `check that every name server of ${namesIn(facts).join(', ') || 'the names'} answers, and that DNSSEC validates`,
  malformed: () =>
    'check spec.acme.server of the issuer; if it is right, this CA needs something Nolapse does not send',
};

/** One sentence, or undefined where waiting is all there is to do. `name` is the type without its URN prefix. */
export function fixOf(name: string, facts: FixFacts): string | undefined {
  if (isPause(name, facts.detail)) return unpauseFix(facts);
  return Object.hasOwn(FIXES, name) ? FIXES[name]?.(facts) : undefined;
}

/** Boulder pauses names of an account after very many failures and says so as `rateLimited`: only a person ends that. */
export const isPause = (name: string, detail: string): boolean =>
  name === 'rateLimited' && /temporarily prevented from requesting certificates/.test(detail);
