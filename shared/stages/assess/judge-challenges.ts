/** Challenges of cert-manager that get nowhere: it tries for ever and tells nobody. Pure. */
import type { Verdict } from '../../contract/finding.ts';
import type { ChallengeFacts } from '../../contract/observation.ts';
import type { Wanted } from '../../contract/rows.ts';
import type { ClusterIndex } from './cluster-index.ts';
import { objectOfWanted } from './content.ts';
import { shortened, span } from './phrases.ts';

/** cert-manager's own checks have no end; what a name server or a load balancer is slow with is done by then. */
const STUCK_MS = 3_600_000;
const FAILED: readonly string[] = ['invalid', 'errored', 'expired'];
/** By as much public CAs date a certificate back. */
const BACKDATED_MS = 3_600_000;

/** What did not succeed in a time in which it should have. */
const isStuck = ({ state, createdAt }: ChallengeFacts, now: Date): boolean =>
  FAILED.includes(state) || now.getTime() - Date.parse(createdAt) > STUCK_MS;

const isOf = ({ namespace, spec }: Wanted, challenge: ChallengeFacts): boolean =>
  namespace === challenge.namespace &&
  spec.issuerRef.name === challenge.issuer &&
  spec.dnsNames.some((name) => name.toLowerCase() === challenge.dnsName.toLowerCase());

/** A challenge of an order that came to nothing stays there after a later one has succeeded. */
function isOver(challenge: ChallengeFacts, wanted: Wanted, { observationAt }: ClusterIndex): boolean {
  return wanted.places.some(({ place }) => {
    const [leaf] = observationAt.get(place)?.chain ?? [];
    return leaf !== undefined && Date.parse(leaf.notBefore) + BACKDATED_MS >= Date.parse(challenge.createdAt);
  });
}

function fixOf({ type, dnsName, namespace, name }: ChallengeFacts): string {
  if (type === 'HTTP-01')
    return `Let http://${dnsName}/.well-known/acme-challenge/ be reached from the internet on port 80, or prove the name by DNS-01, which needs no way in: nolapse init drafts it`;
  return `See what its DNS-01 solver lacks, the zone or rights: kubectl -n ${namespace} describe challenge ${name}`;
}

function verdictOf(challenge: ChallengeFacts, of: Pick<Verdict, 'object' | 'severity'>, now: Date): Verdict {
  const { namespace, name, dnsName, type, state, reason, issuer, createdAt } = challenge;
  const since = span(now.getTime() - Date.parse(createdAt));
  const says = reason ? `: ${shortened(reason)}` : '';
  return {
    ...of,
    code: 'challenge-impossible',
    names: [dnsName],
    message:
      `cert-manager cannot prove ${dnsName} by ${type}; its challenge has been ${state} for ${since}${says}.`.replace(
        /\.\.$/,
        '.',
      ),
    evidence: { challenge: `${namespace}/${name}`, type, state, ...(reason && { reason }), issuer },
    since: createdAt,
    fix: fixOf(challenge),
    rootCause: `challenge-impossible:${type} ${issuer}`,
  };
}

export interface Stuck {
  /** By the id of who asks. */
  readonly of: ReadonlyMap<string, (isFine: boolean) => Verdict>;
  /** Of nobody who is known. */
  readonly others: readonly Verdict[];
}

/** `challenge-impossible` of what cert-manager is seen to try in vain; what is in our own plan is not its to prove. */
export function stuckChallenges(index: ClusterIndex, now: Date): Stuck {
  const of = new Map<string, (isFine: boolean) => Verdict>();
  const others: Verdict[] = [];
  for (const challenge of (index.seen.challenges ?? []).filter((one) => isStuck(one, now))) {
    const wanted = index.wanted.find((one) => isOf(one, challenge));
    if (!wanted) {
      const { namespace, name } = challenge;
      const object = { cluster: index.seen.cluster, kind: 'Challenge', namespace, name };
      if (!FAILED.includes(challenge.state)) others.push(verdictOf(challenge, { object, severity: 'warning' }, now));
    } else if (!of.has(wanted.id) && !isOver(challenge, wanted, index)) {
      const object = objectOfWanted(wanted);
      of.set(wanted.id, (isFine) => verdictOf(challenge, { object, severity: isFine ? 'warning' : 'high' }, now));
    }
  }
  return { of, others };
}
