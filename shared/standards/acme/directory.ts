/** What of an ACME directory is checked before anything is asked of it (RFC 8555 §7.1.1): https only, the URLs it must have. */
import { type Problem, ProblemError } from '../../contract/problem.ts';
import { ACME_ERROR } from './fixes.ts';

export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly termsOfService?: string;
  readonly externalAccountRequired: boolean;
  /** Names of the profiles on offer; undefined = this CA has no profiles. */
  readonly profiles?: readonly string[];
  readonly caaIdentities: readonly string[];
}

const refuse = (problem: Omit<Problem, 'retry'>): ProblemError => new ProblemError({ ...problem, retry: 'never' });

/** The URL, if a request may be sent there. Throws ProblemError `nolapse:not-https`; plain http is refused on loopback too. */
export function requireHttps(url: string, whose: string): string {
  if (URL.canParse(url) && new URL(url).protocol === 'https:') return url;
  throw refuse({
    type: 'nolapse:not-https',
    detail: `${whose}: ${JSON.stringify(url)} is no https URL`,
    fix: "set spec.acme.server of the issuer to the https URL of the CA's directory; a private root goes into caBundle",
  });
}

/** What is wrong with a directory's URL as somebody wrote it: asked over TLS only (RFC 8555 §6.1), and no place for secrets. */
export function directoryProblem(text: string): { readonly message: string; readonly fix?: string } | undefined {
  const url = URL.parse(text);
  if (!url)
    return {
      message: `${JSON.stringify(text)} is no URL`,
      fix: 'e.g. https://acme-v02.api.letsencrypt.org/directory',
    };
  if (url.protocol !== 'https:') return { message: `${JSON.stringify(text)} is not an https URL` };
  if (url.username || url.password) return { message: 'holds a user or password', fix: 'use externalAccountBinding' };
  return undefined;
}

const MOST_OF_NO_URL = 24;

/** What may be kept of a directory's URL that somebody wrote: `directoryProblem` says of it what it says of the whole, and no secret is in it. */
export function keptDirectory(text: string): string {
  const url = URL.parse(text);
  if (!url) return text.length > MOST_OF_NO_URL ? `${text.slice(0, MOST_OF_NO_URL)}…` : text;
  if (!url.username && !url.password) return text;
  Object.assign(url, { username: '***', password: '' });
  return url.href;
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** Reads a directory. Throws ProblemError `nolapse:not-a-directory` or `nolapse:not-https`, both never. */
export function readDirectory(server: string, document: unknown): Directory {
  const fields = fieldsOf(document);
  const meta = fieldsOf(fields.meta);
  const url = (name: string): string => {
    const found = fields[name];
    if (typeof found === 'string') return requireHttps(found, `${name} of the directory ${server}`);
    throw refuse({
      type: 'nolapse:not-a-directory',
      detail: `${server} is no ACME directory: it has no ${name}`,
      fix: "set spec.acme.server of the issuer to the URL of the CA's directory",
    });
  };
  const profiles = meta.profiles === undefined ? undefined : Object.keys(fieldsOf(meta.profiles)).sort();
  return {
    newNonce: url('newNonce'),
    newAccount: url('newAccount'),
    newOrder: url('newOrder'),
    ...(typeof meta.termsOfService === 'string' ? { termsOfService: meta.termsOfService } : {}),
    externalAccountRequired: meta.externalAccountRequired === true,
    ...(profiles ? { profiles } : {}),
    caaIdentities: texts(meta.caaIdentities),
  };
}

/** Refuses a profile that the CA does not offer, before an order is spent on it (draft-ietf-acme-profiles §4). */
export function requireProfile({ profiles }: Directory, profile: string | undefined): void {
  if (profile === undefined || profiles?.includes(profile)) return;
  const offer = profiles ? `it offers ${profiles.join(', ') || 'none'}` : 'it has no profiles';
  throw refuse({
    type: `${ACME_ERROR}invalidProfile`,
    detail: `the CA does not offer the profile ${JSON.stringify(profile)}: ${offer}`,
    fix: profiles
      ? `set spec.acme.profile of the issuer to one of ${profiles.join(', ')}`
      : 'remove spec.acme.profile from the issuer',
  });
}
