/** Whether a certificate is written into a place: ownership decides before any write. Pure. */
import { fieldManager, MARK } from '../../contract/marks.ts';
import type { Observation, Ownership } from '../../contract/observation.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Destination, Have, Issued } from '../../contract/rows.ts';

export type Delivery =
  | { readonly is: 'write' }
  /** What is there is this certificate already, or one that ends later: never a step back. */
  | { readonly is: 'there' | 'later-there' }
  | { readonly is: 'refused'; readonly problem: Problem };

const refused = (type: string, detail: string, fix: string): Delivery => ({
  is: 'refused',
  problem: { type: `nolapse:${type}`, detail, retry: 'never', fix },
});

const adoptFix = (certificate: string): string => `look at both with: nolapse adopt ${certificate}`;

function byOwnership(ownership: Ownership, { place, certificate, adopt }: Destination): Delivery | undefined {
  switch (ownership.is) {
    case 'absent':
    case 'ours':
      return undefined;
    case 'owned':
      return refused(
        'destination-owned',
        `${place} belongs to ${ownership.owner}, which would write it again`,
        `let ${ownership.owner} renew it, or remove that owner and then run: nolapse adopt ${certificate}`,
      );
    case 'unwritable':
      return refused('destination-unwritable', `${place} cannot be written: ${ownership.why}`, 'name another Secret');
    case 'other-installation':
      return adopt
        ? undefined
        : refused(
            'destination-of-another-installation',
            `${place} was written by another installation of this fleet (${ownership.installation})`,
            `if that installation is gone: nolapse adopt ${certificate}`,
          );
    case 'adoptable':
      return adopt
        ? undefined
        : refused(
            'destination-adoptable',
            `${place} was made by ${ownership.by} and nobody agreed that it is taken over`,
            adoptFix(certificate),
          );
  }
}

/** What an observation says of a place, as its row keeps it. */
export function haveOf(observation: Observation | undefined): Have | undefined {
  if (!observation) return undefined;
  const { chain, keyMatches, problem, version, annotations, chainPem } = observation;
  const [facts] = chain;
  return {
    version,
    annotations,
    ...(facts ? { facts } : {}),
    ...(keyMatches === undefined ? {} : { keyMatches }),
    ...(problem ? { problem } : {}),
    ...(chainPem ? { chainPem } : {}),
  };
}

export interface DeliveryInput {
  readonly destination: Destination;
  readonly ownership: Ownership;
  /** What is there; absent = nothing. */
  readonly have: Have | undefined;
  /** Absent = it is yet to be issued, and ends later than all that is there. */
  readonly current: Issued | undefined;
}

export function decideDelivery({ destination, ownership, have, current }: DeliveryInput): Delivery {
  const refusal = byOwnership(ownership, destination);
  if (refusal) return refusal;
  if (!have || !current) return { is: 'write' };
  const { facts, keyMatches, problem, annotations } = have;
  const isSound = keyMatches !== false && !problem;
  const there = facts?.sha256 ?? annotations[MARK.sha256];
  if (isSound && there === current.facts.sha256) return { is: ownership.is === 'ours' ? 'there' : 'write' };
  const notAfter = facts?.notAfter ?? annotations[MARK.notAfter];
  const isForSame = annotations[MARK.issuance] === destination.issuance;
  if (isSound && isForSame && notAfter !== undefined && notAfter > current.facts.notAfter) return { is: 'later-there' };
  return { is: 'write' };
}

export type Release =
  | { readonly is: 'release' }
  /** No mark of ours, and no field. */
  | { readonly is: 'nothing' }
  /** It carries somebody else's mark by now, who has taken it over. */
  | { readonly is: 'theirs'; readonly owner: string };

/** Whether a place is given back: only what carries our own mark, or fields of ours that nobody has marked since. */
export function decideRelease(
  observation: Observation | undefined,
  us: { readonly fleet: string; readonly installation: string },
): Release {
  if (!observation) return { is: 'nothing' };
  const { annotations, managers } = observation;
  const [fleet, installation] = [annotations[MARK.fleet], annotations[MARK.installation] ?? 'unknown'];
  if (fleet !== undefined && fleet !== us.fleet) return { is: 'theirs', owner: `the Nolapse fleet ${fleet}` };
  if (fleet !== undefined && installation !== us.installation)
    return { is: 'theirs', owner: `another installation of this fleet (${installation})` };
  const isOurs = fleet !== undefined || managers.some(({ manager }) => manager === fieldManager(us.fleet));
  return { is: isOurs ? 'release' : 'nothing' };
}
