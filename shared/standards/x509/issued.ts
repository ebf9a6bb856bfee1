/** Judges what a CA returned, and what lies in a place, against what was asked. Trusts no root: that is the CA's and the client's business. */
import type { X509Certificate } from 'node:crypto';
import type { Facts, IssuanceRequest } from '../../contract/certificate.ts';
import { type Problem, problemOf } from '../../contract/problem.ts';
import { canonicalIp } from '../dns/ip.ts';
import { certificatesOf, isIssuedBy } from './chain.ts';
import { factsOf } from './facts.ts';

/** A CA's clock may be ahead of ours by this much. */
const CLOCK_SKEW_MS = 300_000;

export interface Returned {
  readonly chainPem: string;
  readonly request: IssuanceRequest;
  /** Of the key that the CSR was made with. */
  readonly publicKeySha256: string;
  readonly now: Date;
}

/** What is wrong with a returned chain, as `nolapse:bad-certificate`; undefined = it is what was asked, leaf first, valid now and connected. */
export function checkIssued({ chainPem, request, publicKeySha256, now }: Returned): Problem | undefined {
  try {
    const certificates = certificatesOf(chainPem);
    const chain = certificates.map(factsOf);
    const wrong =
      keyDifference(chain, publicKeySha256) ??
      nameDifference(chain[0], request) ??
      validityDifference(chain, now) ??
      linkDifference(certificates, chain);
    return wrong === undefined
      ? undefined
      : badCertificate(`the CA returned a certificate that was not asked for: ${wrong}`);
  } catch (error) {
    return badCertificate(problemOf(error).detail);
  }
}

const badCertificate = (detail: string): Problem => ({ type: 'nolapse:bad-certificate', detail, retry: 'later' });

function keyDifference(chain: readonly Facts[], publicKeySha256: string): string | undefined {
  const place = chain.findIndex((facts) => facts.publicKeySha256 === publicKeySha256);
  if (place === 0) return undefined;
  return place > 0
    ? `the certificate of our key is number ${place + 1} of ${chain.length} in the chain, it must be the first`
    : 'it is for another key than the CSR';
}

function nameDifference(facts: Facts | undefined, request: IssuanceRequest): string | undefined {
  const got = facts ? allNames(facts) : new Set<string>();
  const wanted = allNames(request);
  const missing = without(wanted, got);
  const extra = without(got, wanted);
  const said = [
    ...(missing.length > 0 ? [`it lacks ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`it holds ${extra.join(', ')}, not asked for`] : []),
  ];
  return said.length > 0 ? said.join('; ') : undefined;
}

function validityDifference(chain: readonly Facts[], now: Date): string | undefined {
  for (const [i, { notBefore, notAfter, subject }] of chain.entries()) {
    const which = i === 0 ? 'it' : `number ${i + 1} of its chain (${subject})`;
    if (Date.parse(notBefore) > now.getTime() + CLOCK_SKEW_MS) return `${which} is not valid before ${notBefore}`;
    if (Date.parse(notAfter) <= now.getTime()) return `${which} ended at ${notAfter}`;
  }
  return undefined;
}

function linkDifference(certificates: readonly X509Certificate[], chain: readonly Facts[]): string | undefined {
  const broken = certificates.findIndex((issuer, i) => {
    const subject = certificates[i - 1];
    return subject !== undefined && !isIssuedBy(subject, issuer);
  });
  return broken < 0
    ? undefined
    : `its chain does not build: number ${broken} is not signed by number ${broken + 1} (${chain[broken]?.subject})`;
}

type Names = Pick<Facts, 'dnsNames' | 'ipAddresses' | 'uris' | 'emailAddresses'> & { readonly commonName?: string };

/** Names may move between common name and DNS names, as CAs promote and drop the common name; cert-manager compares so too. */
const hostNames = ({ commonName, dnsNames }: Names): ReadonlySet<string> =>
  new Set([...dnsNames, ...(commonName ? [commonName] : [])].map((name) => name.toLowerCase()));
const addresses = ({ ipAddresses }: Names): ReadonlySet<string> =>
  new Set(ipAddresses.map((ip) => canonicalIp(ip) ?? ip));
const allNames = (names: Names): ReadonlySet<string> =>
  new Set([...hostNames(names), ...addresses(names), ...names.uris, ...names.emailAddresses]);

const without = (all: ReadonlySet<string>, those: ReadonlySet<string>): readonly string[] =>
  [...all].filter((one) => !those.has(one));
const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && without(a, b).length === 0;

/** Whether a stored certificate is one that this request would get, as far as it shows: cert-manager's checks 6 and 8 (SecretDataAltNamesMatchSpec), and isCA. */
export function sameCertificateRequest(
  facts: Facts,
  request: IssuanceRequest,
): { readonly same: true } | { readonly same: false; readonly field: string } {
  const fields: readonly (readonly [string, boolean])[] = [
    ['spec.privateKey.algorithm', facts.key.algorithm === request.key.algorithm],
    ['spec.privateKey.size', facts.key.size === request.key.size],
    ['spec.commonName', sameCommonName(facts, request)],
    ['spec.dnsNames', sameSet(hostNames(facts), hostNames(request))],
    ['spec.ipAddresses', sameSet(addresses(facts), addresses(request))],
    ['spec.uris', sameSet(new Set(facts.uris), new Set(request.uris))],
    ['spec.emailAddresses', sameSet(new Set(facts.emailAddresses), new Set(request.emailAddresses))],
    ['spec.isCA', facts.isCA === request.isCA],
  ];
  const differing = fields.find(([, same]) => !same);
  return differing ? { same: false, field: differing[0] } : { same: true };
}

function sameCommonName(facts: Facts, request: IssuanceRequest): boolean {
  const [has, wants] = [hostNames(facts), hostNames(request)];
  const { commonName: hasName } = facts;
  const { commonName: wantsName } = request;
  return (!wantsName || has.has(wantsName.toLowerCase())) && (!hasName || wants.has(hasName.toLowerCase()));
}

/** Let's Encrypt's staging environment names its issuers so, now and before 2021. Nobody trusts them. */
export const isStaging = (chain: readonly Facts[]): boolean =>
  chain.some(({ subject, issuer }) => [subject, issuer].some((name) => /\(STAGING\)|Fake LE /.test(name)));
