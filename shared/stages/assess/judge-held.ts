/** What somebody asks for and nothing is done about: why, and what that leaves in its places. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { FindingCode, Severity, Verdict } from '../../contract/finding.ts';
import type { Held, Wanted } from '../../contract/rows.ts';
import { type Content, evidenceOf, faultOf, namesOf, objectOfWanted, renewAtOf } from './content.ts';
import { ageVerdict, contentVerdicts, fixOfAged, type Standing } from './judge-unmanaged.ts';
import { instant, list, shortened, span } from './phrases.ts';
import { isExpired, leafAlarm, lifetimeOf, overdueAt } from './thresholds.ts';

/** Of an audited one nothing is said: it is looked at, as its owner wants. */
const CODES: Readonly<Record<Exclude<Held['reason'], 'audit'>, FindingCode>> = {
  'name-not-allowed': 'name-not-allowed',
  'issuer-not-found': 'issuer-not-found',
  'challenge-impossible': 'challenge-impossible',
  unsupported: 'unreadable',
};

/** The one thing to do about what is held back. */
export function fixOfHeld({ source, namespace, spec }: Wanted, { reason, fix }: Held): string {
  if (fix) return fix;
  const { kind, name } = spec.issuerRef;
  switch (reason) {
    case 'audit':
      return `Set mode: manage for it in the fleet file`;
    case 'name-not-allowed':
      return `Allow the names in namePolicy of the cluster ${source} in the fleet file, or remove the Certificate (or the annotation of its Ingress or Gateway)`;
    case 'issuer-not-found':
      return kind === 'Issuer'
        ? `Create the Issuer ${name} in the namespace ${namespace ?? 'of the Certificate'}, or set issuerRef to a ClusterIssuer`
        : `Add the ClusterIssuer ${name} to the fleet file or to the cluster, or correct issuerRef`;
    case 'challenge-impossible':
      return "Add the name's zone to spec.zones of the Fleet and a solver that matches the name to the issuer";
    case 'unsupported':
      return 'Change what the message names, or leave this certificate to cert-manager';
  }
}

/** What is there works today: the trouble is still to come. */
const isUsable = (content: Content, now: Date): boolean =>
  content.facts !== undefined && !faultOf(content) && !isExpired(content.facts, now);

function reasonVerdict(
  wanted: Wanted,
  held: Held,
  state: { readonly severity: Severity; readonly missing: readonly Content[] },
): readonly Verdict[] {
  if (held.reason === 'audit') return [];
  const { severity, missing } = state;
  const lacking = list(missing.map(({ place }) => place));
  const { id, spec, source, namespace, issuer } = wanted;
  return [
    {
      code: CODES[held.reason],
      severity,
      object: objectOfWanted(wanted),
      names: namesOf(spec),
      message: `Nothing is issued for ${id}: ${shortened(held.message, 400)}.${lacking ? ` There is nothing at ${lacking}.` : ''}`,
      evidence: {
        reason: held.reason,
        issuer: issuer ?? `${spec.issuerRef.kind} ${spec.issuerRef.name}`,
        secret: list(wanted.places.map(({ place }) => place)),
      },
      fix: fixOfHeld(wanted, held),
      rootCause: `${CODES[held.reason]}:${held.reason === 'name-not-allowed' ? `${source}/${namespace}` : spec.issuerRef.name}`,
    },
  ];
}

/** Only of an audited one: where Nolapse holds a wish back, the reason is the finding. */
function missingVerdict(wanted: Wanted, missing: readonly Content[], standing: Standing): readonly Verdict[] {
  if (missing.length === 0) return [];
  const places = list(missing.map(({ place }) => place));
  return [
    {
      code: 'secret-missing',
      severity: standing.references.length === 0 ? 'warning' : 'high',
      object: objectOfWanted(wanted),
      names: namesOf(wanted.spec),
      message: `${wanted.id} asks for ${places}, which is not there, and Nolapse will not make it.`,
      evidence: {
        secret: places,
        ...(standing.references.length > 0 ? { references: list(standing.references, 5) } : {}),
      },
      fix: `See why it was not made: kubectl -n ${wanted.namespace} describe certificate ${wanted.name}`,
    },
  ];
}

/** Only of an audited one with nothing to serve: why it cannot be issued, whatever cert-manager tries. */
function impossibleVerdict(wanted: Wanted, missing: readonly Content[]): readonly Verdict[] {
  const { held, spec, issuer, id } = wanted;
  if (!held?.challenge) return [];
  const lacking = list(missing.map(({ place }) => place));
  return [
    {
      code: 'challenge-impossible',
      severity: 'high',
      object: objectOfWanted(wanted),
      names: namesOf(spec),
      message: `Nobody can be issued what ${id} asks for: ${held.challenge.message}.${lacking ? ` There is nothing at ${lacking}.` : ''}`,
      evidence: {
        issuer: issuer ?? `${spec.issuerRef.kind} ${spec.issuerRef.name}`,
        secret: list(wanted.places.map(({ place }) => place)),
      },
      fix: held.challenge.fix,
      rootCause: `challenge-impossible:${spec.issuerRef.name}`,
    },
  ];
}

/** The renewal that somebody else was to do and has missed: it is told before the end comes near. */
function missedVerdict(wanted: Wanted, facts: Facts, about: { readonly standing: Standing; readonly now: Date }) {
  const { standing, now } = about;
  const renewAt = renewAtOf(facts, wanted.spec);
  const since = renewAt && overdueAt(renewAt, lifetimeOf(facts));
  if (!renewAt || !since || since > now || isExpired(facts, now) || standing.authority) return undefined;
  const left = span(Date.parse(facts.notAfter) - now.getTime());
  return {
    code: 'renewal-overdue',
    severity: leafAlarm(facts, now)?.severity ?? 'high',
    object: objectOfWanted(wanted),
    names: namesOf(facts),
    message: `The certificate of ${wanted.id} should have been renewed by ${instant(renewAt)}, and ends in ${left}.`,
    evidence: { ...evidenceOf(facts), renewAt, managedBy: standing.managedBy },
    since: since.toISOString(),
    fix: fixOfAged(objectOfWanted(wanted), standing),
    serial: facts.serial,
  } as const satisfies Verdict;
}

/** One held Wanted with what its places hold. */
export function judgeHeld(
  wanted: Wanted,
  contents: readonly Content[],
  about: { readonly standing: Standing; readonly now: Date; readonly stuck?: (isFine: boolean) => Verdict },
): readonly Verdict[] {
  const { held } = wanted;
  if (!held) return [];
  const { now, stuck } = about;
  const standing = { ...about.standing, heldId: wanted.id, isOnlyAudited: held.reason === 'audit' };
  const [soonest] = contents
    .flatMap(({ facts }) => facts ?? [])
    .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  const aging = { object: objectOfWanted(wanted), label: wanted.id, standing };
  const aged = soonest ? ageVerdict(soonest, aging, now) : [];
  const missed = soonest && held.reason === 'audit' ? missedVerdict(wanted, soonest, { standing, now }) : undefined;
  const known = contents.filter(({ is }) => is !== 'unknown');
  const isFine = known.length > 0 && known.every((content) => isUsable(content, now));
  const missing = contents.filter(({ is }) => is === 'absent');
  const impossible = stuck ? [stuck(isFine)] : isFine ? [] : impossibleVerdict(wanted, missing);
  const isAudited = held.reason === 'audit';
  return [
    ...impossible,
    ...reasonVerdict(wanted, held, { severity: isFine ? 'warning' : 'high', missing }),
    ...(missed ? [missed] : aged),
    ...(isAudited && impossible.length === 0 ? missingVerdict(wanted, missing, standing) : []),
    ...contents.flatMap((content) => contentVerdicts(content, standing)),
  ];
}
