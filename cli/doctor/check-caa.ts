/** CAA: whether the names of each zone let this issuer's CA issue for them, by our account and DNS-01. */
import type { AcmeIssuer } from '../../shared/adapters/acme/acme-authorities.ts';
import type { CaFound } from '../../shared/adapters/acme/acme-look.ts';
import type { DnsAnswers } from '../../shared/contract/dns-answers.ts';
import { ProblemError } from '../../shared/contract/problem.ts';
import { type CaaRecord, type CaaVerdict, caaPath, type Issuing, judgeCaa } from '../../shared/standards/dns/caa.ts';
import { challengeFqdn, isWithin, zoneOf } from '../../shared/standards/dns/names.ts';
import type { Instruments } from '../../shared/wiring/instruments.ts';
import { counted } from '../output/words.ts';
import { NAME_SERVERS } from './check-zones.ts';
import { type Check, ok, type Verdict, YOU } from './diagnose.ts';

interface Of {
  readonly tools: Instruments;
  /** DNS names that are asked of the issuer. */
  readonly names: readonly string[];
  readonly ca: () => Promise<CaFound>;
  readonly accountUrl: () => Promise<string | undefined>;
  readonly needs: readonly string[];
}

interface Found {
  readonly at: string;
  readonly records: readonly CaaRecord[];
}

/** The records that decide for a name: those of the nearest domain that has any. A domain that is not there has none. */
async function recordsFor(name: string, dns: DnsAnswers): Promise<Found | undefined> {
  for (const at of caaPath(name)) {
    const { rcode, answers } = await dns.resolve(at, 'CAA');
    if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN')
      throw new ProblemError({
        type: 'nolapse:caa-unknown',
        detail: `the CAA records of ${at} cannot be had: the resolvers answer ${rcode}, as they will for the CA, which then refuses`,
        retry: 'later',
        fix: `see what is wrong with ${at}: its name servers, or DNSSEC`,
      });
    const records = answers.filter((one) => one.type === 'CAA');
    if (records.length > 0) return { at, records };
  }
  return undefined;
}

const zoneFile = ({ at, records }: Found): readonly string[] =>
  records.map(({ flags, tag, value }) => `${at}. CAA ${flags} ${tag} "${value}"`);

interface Refused {
  readonly name: string;
  readonly found: Found;
  readonly verdict: Extract<CaaVerdict, { allowed: false }>;
}

function refusedVerdict(refused: readonly Refused[], server: string): Verdict {
  const byDomain = Map.groupBy(refused, ({ found }) => found.at);
  const evidence = [...byDomain.values()].flatMap((alike) => {
    const [first] = alike;
    if (!first) return [];
    return [...zoneFile(first.found), `${alike.map(({ name }) => name).join(', ')}: ${first.verdict.why}`];
  });
  const additions = [...new Set(refused.flatMap(({ verdict }) => verdict.add ?? []))];
  return {
    state: 'broken',
    evidence,
    fix:
      additions.length > 0
        ? `add ${additions.join(' and ')}`
        : `take away the records that forbid it, or use another issuer than ${server}`,
    who: YOU,
  };
}

async function caaVerdict(
  issuer: AcmeIssuer,
  names: readonly string[],
  { tools, ca, accountUrl }: Of,
): Promise<Verdict> {
  const { caaIdentities: identities } = (await ca()).directory;
  const [found, url] = [await Promise.all(names.map((name) => recordsFor(name, tools.dns))), await accountUrl()];
  const who: Issuing = { identities, method: 'dns-01', ...(url === undefined ? {} : { accountUrl: url }) };
  if (identities.length === 0) {
    const some = found.find((one) => one !== undefined);
    if (!some) return ok(`no CAA records for ${counted(names.length, 'name')}`);
    return {
      state: 'warning',
      evidence: [...zoneFile(some), 'the directory of the CA does not say which identity it looks for'],
      fix: 'ask those who run the CA which identity its CAA records need',
      who: YOU,
    };
  }
  const refused = names.flatMap((name, i): readonly Refused[] => {
    const one = found[i];
    const verdict = one && judgeCaa(name, one, who);
    return one && verdict && !verdict.allowed ? [{ name, found: one, verdict }] : [];
  });
  if (refused.length > 0) return refusedVerdict(refused, issuer.spec.server);
  return ok(`${identities.join(' or ')} may issue for ${counted(names.length, 'name')}`);
}

/** One for each zone. Names in none are never proved, which is said where they are asked for. */
export function caaChecks(issuer: AcmeIssuer, of: Of): readonly Check[] {
  const { zones } = of.tools.fleet;
  const byZone = Map.groupBy(of.names, (name) => zoneOf(challengeFqdn(name), zones)?.name ?? '');
  return [...byZone]
    .filter(([zone]) => zone !== '')
    .map(([zone, names]) => ({
      check: 'caa',
      subject: `${zone} by ${issuer.id}`,
      needs: [
        ...of.needs,
        ...zones.filter(({ name }) => isWithin(zone, name)).map(({ name }) => `${NAME_SERVERS} ${name}`),
      ],
      look: () => caaVerdict(issuer, names, of),
    }));
}
