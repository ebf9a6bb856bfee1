/** Each issuer: an ACME server that answers, knows the time and will take our account, or a private CA that may still sign. */
import type { AcmeIssuer } from '../../shared/adapters/acme/acme-authorities.ts';
import type { AccountFound, AcmeLook, CaFound } from '../../shared/adapters/acme/acme-look.ts';
import type { CaIssuerSpec, Issuer } from '../../shared/contract/fleet.ts';
import { FLEET_SOURCE } from '../../shared/contract/ids.ts';
import type { Wanted } from '../../shared/contract/rows.ts';
import { instant, span } from '../../shared/stages/assess/phrases.ts';
import { requireProfile } from '../../shared/standards/acme/directory.ts';
import { mailProblem } from '../../shared/standards/certmanager/mail.ts';
import type { Here, Instruments } from '../../shared/wiring/instruments.ts';
import type { AskedFor } from './asked-for.ts';
import { caaChecks } from './check-caa.ts';
import { CLUSTER, clusterAdmin } from './check-clusters.ts';
import { type Check, ok, type Verdict, YOU } from './diagnose.ts';
import { once } from './once.ts';

const CA = 'ca';
const SEALING = 'sealing';
/** AWS refuses what was signed by a clock that is further off. */
const MAX_AHEAD_MS = 5 * 60_000;
const STRANGE_AHEAD_MS = 60_000;

/** Where an issuer is written down. */
const ownerOf = ({ source }: Issuer): string => (source === FLEET_SOURCE ? YOU : clusterAdmin(source));
/** Its Secrets are read there. */
const needsOf = ({ source }: Issuer, tools: Instruments): readonly string[] =>
  source === FLEET_SOURCE || !tools.here ? [] : [`${CLUSTER} ${source}`];

function clockVerdict({ aheadMs }: CaFound): Verdict {
  if (aheadMs === undefined) return { state: 'warning', evidence: ['its answer had no Date to compare with'] };
  const off = Math.abs(aheadMs);
  const evidence = `the clock of this machine is ${span(off)} ${aheadMs > 0 ? 'ahead of' : 'behind'} that of the CA`;
  if (off < STRANGE_AHEAD_MS) return ok('the clock of this machine and that of the CA agree');
  return {
    state: off < MAX_AHEAD_MS ? 'warning' : 'broken',
    evidence: [evidence],
    fix: 'set the clock of this machine by NTP: AWS refuses signatures that are 5 minutes off, and new certificates seem not yet valid',
    who: YOU,
  };
}

function caVerdict({ directory }: CaFound, { spec }: AcmeIssuer): Verdict {
  requireProfile(directory, spec.profile);
  return ok(`${spec.server} answers`);
}

/** Addresses that no CA takes, or none that anybody reads. */
const RESERVED = /@(.*\.)?(example(\.(com|net|org))?|test|invalid|localhost)$/i;

function contactVerdict({ spec }: AcmeIssuer, found: AccountFound, { directory }: CaFound): Verdict {
  const problem = spec.email === undefined ? undefined : mailProblem(spec.email);
  const fix = 'set spec.acme.email of the issuer to an address that can receive mail';
  if (problem !== undefined) return { state: 'broken', evidence: [problem], fix, who: YOU };
  const terms = directory.termsOfService ? `its terms (${directory.termsOfService}) are agreed to` : 'it has no terms';
  const said =
    found.is === 'none'
      ? `no account yet: the first run registers one, and ${terms}`
      : `${found.url}${found.status ? ` is ${found.status}` : ' is registered'}`;
  if (spec.email !== undefined && RESERVED.test(spec.email) && found.is === 'none')
    return { state: 'warning', evidence: [said, `many CAs refuse the contact ${spec.email}`], fix, who: YOU };
  return ok(said);
}

const acmeChecks = (issuer: AcmeIssuer, tools: Instruments, names: readonly string[]): readonly Check[] => {
  const subject = issuer.id;
  const look: AcmeLook = tools.acme(issuer);
  const ca = once(() => look.ca());
  const who = ownerOf(issuer);
  const needs = [`${CA} ${subject}`];
  return [
    { check: CA, subject, who, look: async () => caVerdict(await ca(), issuer) },
    ...(tools.here ? [{ check: 'clock', subject, needs, look: async () => clockVerdict(await ca()) }] : []),
    {
      ...{ check: 'account', subject, who, needs: [...needs, ...needsOf(issuer, tools), `${SEALING} key`] },
      look: async () => contactVerdict(issuer, await look.account(), await ca()),
    },
    ...caaChecks(issuer, { tools, names, ca, needs, accountUrl: () => look.accountUrl() }),
  ];
};

/** What it signs must not outlive it. */
async function privateVerdict(
  issuer: Issuer & { readonly spec: CaIssuerSpec },
  { here, now, longestMs }: { readonly here: Here; readonly now: Date; readonly longestMs: number },
): Promise<Verdict> {
  const { endsAt, path } = await here.privateCa(issuer);
  const [ca] = path;
  const evidence = `${ca?.subject.replaceAll('\n', ', ')} signs until ${instant(endsAt)}`;
  if (endsAt.getTime() - now.getTime() >= longestMs) return ok(evidence);
  return {
    state: 'warning',
    evidence: [evidence, `certificates are asked for that last ${span(longestMs)}, and would end with it`],
    fix: `renew the CA in the Secret ${issuer.spec.secretName}`,
    who: ownerOf(issuer),
  };
}

function privateChecks(
  issuer: Issuer & { readonly spec: CaIssuerSpec },
  tools: Instruments,
  wanted: readonly Wanted[],
): readonly Check[] {
  const { here, clock } = tools;
  if (!here) return [];
  const lives = wanted.filter((one) => one.issuer === issuer.id).map(({ spec }) => spec.durationMs);
  return [
    {
      ...{ check: 'private-ca', subject: issuer.id, needs: needsOf(issuer, tools), who: ownerOf(issuer) },
      look: () => privateVerdict(issuer, { here, now: clock.now(), longestMs: Math.max(0, ...lives) }),
    },
  ];
}

export const issuerChecks = (tools: Instruments, { issuers, namesBy, wanted }: AskedFor): readonly Check[] =>
  issuers.flatMap((issuer) => {
    const { spec } = issuer;
    if (spec.type === 'acme') return acmeChecks({ ...issuer, spec }, tools, namesBy.get(issuer.id) ?? []);
    return spec.type === 'ca' ? privateChecks({ ...issuer, spec }, tools, wanted) : [];
  });
