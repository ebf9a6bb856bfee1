/** Whether what was delivered is served, from what the last look at each endpoint showed. Pure. */
import { SEVERITIES, type Severity, type Verdict } from '../../contract/finding.ts';
import { type Endpoint, type Place, PROBE_LANE } from '../../contract/ids.ts';
import type { EndpointView } from '../../contract/observation.ts';
import type { AddressSeen, Awaited, Probe, Probed } from '../../contract/probe.ts';
import { instant, list, span } from './phrases.ts';
import { leafAlarm } from './thresholds.ts';

/** Controllers and programs that read a Secret again have done so by then. */
export const PATIENCE_MS = 30 * 60_000;

export interface Served {
  readonly probe: Probe;
  /** Of the certificate. */
  readonly names: readonly string[];
  /** Where it is delivered, and which of these do not have it yet. */
  readonly places: readonly Place[];
  readonly lacking: readonly Place[];
}

interface Seen extends Served {
  readonly awaited: Awaited;
  readonly probed: Probed;
  /** Addresses that were reached. */
  readonly reached: readonly AddressSeen[];
  readonly now: Date;
}

const showing = ({ reached }: Seen, shows: AddressSeen['shows']) => reached.filter((one) => one.shows === shows);
const addressesOf = (seen: readonly AddressSeen[]): string => list(seen.map(({ address }) => address));

/** `127.0.0.1` → `serial 0a1b until 2026-11-24 09:00 UTC, of CN=R10`. */
const addressEvidence = ({ shows, leaf, why }: AddressSeen): string =>
  [
    ...(shows === 'unseen' ? ['not seen from here'] : []),
    ...(leaf ? [`serial ${leaf.serial} until ${instant(leaf.notAfter)}`, `of ${leaf.issuer}`] : []),
    ...(why ? [why] : []),
  ].join(', ');

function shared({ probe: { endpoint, certificate }, names, places, lacking, awaited, probed }: Seen) {
  return {
    object: { kind: 'Endpoint', name: endpoint },
    names,
    serial: awaited.serial,
    evidence: {
      ...{ certificate, serial: awaited.serial, notAfter: awaited.notAfter, delivered: awaited.since },
      probed: probed.at,
      ...Object.fromEntries(probed.addresses.map((one) => [one.address, addressEvidence(one)])),
      places: list(places, 5),
      ...(lacking.length > 0 ? { notYetIn: list(lacking, 5) } : {}),
    },
  };
}

const worst = (severities: readonly Severity[]): Severity =>
  SEVERITIES.findLast((severity) => severities.includes(severity)) ?? 'warning';

/** By how long what is still served has to live: until then, whoever comes is served. */
const severityOf = ({ reached, now }: Seen): Severity =>
  worst(reached.map(({ shows, leaf }) => (leaf && shows === 'another' && leafAlarm(leaf, now)?.severity) || 'warning'));

/** `1 of 2 addresses of shop.example.com:443 still serves serial 0a1b, until 2026-11-24 09:00 UTC` */
function saidOf(seen: Seen): readonly string[] {
  const { probe, reached } = seen;
  const of = (some: readonly AddressSeen[], one: string, many: string): string => {
    const all = `${reached.length} ${reached.length === 1 ? 'address' : 'addresses'} of ${probe.endpoint}`;
    return `${some.length} of ${all} ${some.length === 1 ? one : many}`;
  };
  const bySerial = (some: readonly AddressSeen[]) => [...Map.groupBy(some, ({ leaf }) => leaf?.serial).values()];
  const leafOf = ([one]: readonly AddressSeen[]): string =>
    `serial ${one?.leaf?.serial}, until ${instant(one?.leaf?.notAfter ?? '')}${one?.why ? ` (${one.why})` : ''}`;
  const nothing = showing(seen, 'nothing');
  return [
    ...bySerial(showing(seen, 'another')).map((some) => `${of(some, 'still serves', 'still serve')} ${leafOf(some)}`),
    ...bySerial(showing(seen, 'newer')).map(
      (some) =>
        `${of(some, 'serves', 'serve')} ${leafOf(some)}, of ${some[0]?.leaf?.issuer}, which is newer than ours and not ours`,
    ),
    ...(nothing.length > 0 ? [`${of(nothing, 'shows', 'show')} no certificate: ${nothing[0]?.why}`] : []),
  ];
}

function fixOf(seen: Seen): string {
  const { probe, lacking, places } = seen;
  const { certificate, endpoint } = probe;
  const [another, newer, nothing] = (['another', 'newer', 'nothing'] as const).map((shows) => showing(seen, shows));
  if (another?.length && lacking.length > 0)
    return `It is not yet in ${list(lacking)}; see what holds it back: nolapse explain ${certificate}`;
  if (another?.length)
    return `Reload or restart what answers at ${addressesOf(another)}: it still has what it read from ${list(places)} before; where a proxy or a CDN in front has a copy of its own, give it the new one`;
  if (newer?.length)
    return `Find who else gives ${endpoint} its certificate, and let one of the two do it: ${certificate} is delivered to ${list(places)}`;
  return `See why nobody shows a certificate at ${addressesOf(nothing ?? [])}: openssl s_client -connect ${endpoint}`;
}

function notServed(seen: Seen): readonly Verdict[] {
  const { probe, awaited, now, reached, probed } = seen;
  const about = { ...shared(seen), code: 'not-served', rootCause: `not-served:${probe.endpoint}` } as const;
  if (probed.addresses.length === 0)
    return [
      {
        ...about,
        severity: 'warning',
        message: `${probe.endpoint} cannot be reached by anybody: its name has no address.`,
        fix: `Correct the endpoint of ${probe.certificate}, or the name in DNS; where only some resolvers know it, name one in spec.dns.resolvers`,
      },
    ];
  if (reached.every(({ shows }) => shows === 'awaited')) return [];
  const age = span(now.getTime() - Date.parse(awaited.since));
  return [
    {
      ...about,
      severity: severityOf(seen),
      message: `${saidOf(seen).join('; ')}; serial ${awaited.serial} was delivered ${age} ago.`,
      fix: fixOf(seen),
    },
  ];
}

/** What was delivered is served, but without the certificates that lead to its root. */
function chainIncomplete(seen: Seen): readonly Verdict[] {
  const short = showing(seen, 'awaited').filter(({ why }) => why !== undefined);
  if (short.length === 0) return [];
  const { probe, reached, places } = seen;
  return [
    {
      ...shared(seen),
      code: 'chain-incomplete',
      severity: 'high',
      message: `${short.length} of ${reached.length} ${reached.length === 1 ? 'address' : 'addresses'} of ${probe.endpoint} ${short.length === 1 ? 'serves' : 'serve'} serial ${seen.awaited.serial}, but ${short[0]?.why}: clients that do not know the rest refuse it.`,
      fix: `Let what answers at ${addressesOf(short)} send the whole of tls.crt of ${list(places)}, not its first certificate alone`,
    },
  ];
}

/**
 * `not-served` and `chain-incomplete` of one endpoint, from 30 minutes after the delivery on. What is not seen from here says nothing.
 */
export function judgeServed(served: Served, now: Date): readonly Verdict[] {
  const { awaited, seen: probed } = served.probe;
  if (!awaited || !probed || probed.problem || now.getTime() - Date.parse(awaited.since) < PATIENCE_MS) return [];
  const reached = probed.addresses.filter(({ shows }) => shows !== 'unseen');
  if (probed.addresses.length > 0 && reached.length === 0) return [];
  const seen: Seen = { ...served, awaited, probed, reached, now };
  return [...notServed(seen), ...chainIncomplete(seen)];
}

const whyUnseen = ({ problem, addresses }: Probed): string | undefined => {
  if (problem) return problem.detail;
  const isUnseen = addresses.length > 0 && addresses.every(({ shows }) => shows === 'unseen');
  return isUnseen ? `${addressesOf(addresses)}: ${addresses[0]?.why}` : undefined;
};

/** In one word how an endpoint stands. */
export function endpointView({ endpoint, awaited, seen, servedAt }: Probe, now: Date): EndpointView {
  if (!awaited || !seen) return { endpoint, state: 'waiting' };
  const isYoung = now.getTime() - Date.parse(awaited.since) < PATIENCE_MS;
  const late = isYoung ? 'waiting' : 'not-served';
  return { endpoint, state: servedAt ? 'served' : whyUnseen(seen) ? 'unseen' : late, seenAt: seen.at };
}

/** `source-down`, info, once for all endpoints that nobody is reached at from here: what they serve is not known. */
export function unseenEndpoints(probes: readonly Probe[]): readonly Verdict[] {
  const unseen = probes.flatMap(({ endpoint, seen }): readonly (readonly [Endpoint, string])[] => {
    const why = seen && whyUnseen(seen);
    return why === undefined ? [] : [[endpoint, why]];
  });
  if (unseen.length === 0) return [];
  const which = list(unseen.map(([endpoint]) => endpoint));
  return [
    {
      code: 'source-down',
      severity: 'info',
      object: { kind: 'Lane', name: PROBE_LANE },
      names: [],
      message: `${unseen.length} of ${probes.length} endpoints ${unseen.length === 1 ? 'is' : 'are'} not seen from here, so what they serve is not known: ${which}.`,
      evidence: Object.fromEntries(unseen),
      fix: `Let Nolapse connect to ${which} from where it runs, or take them out of spec.endpoints`,
    },
  ];
}
