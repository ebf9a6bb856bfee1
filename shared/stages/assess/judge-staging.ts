/** Certificates of a test CA where others are meant to trust them. Pure. */
import type { Verdict } from '../../contract/finding.ts';
import type { Issuer } from '../../contract/fleet.ts';
import type { Issuance, Wanted } from '../../contract/rows.ts';
import { type Content, evidenceOf, namesOf, objectOfPlace } from './content.ts';
import { isStray, testCaOf } from './staging.ts';

/** `staging-in-production` of one place, already known to matter. */
export function stagingVerdict(content: Content, fix: string, reason: string): readonly Verdict[] {
  const { place, facts } = content;
  const ca = facts && testCaOf(facts);
  if (!facts || !ca) return [];
  return [
    {
      code: 'staging-in-production',
      severity: 'high',
      object: objectOfPlace(place),
      names: namesOf(facts),
      message: `The certificate in ${place} was issued by ${ca}, which no browser trusts, ${reason}.`,
      evidence: { secret: place, ...evidenceOf(facts) },
      fix,
      serial: facts.serial,
    },
  ];
}

/** What the places of our plan hold, against what the issuer would issue. */
export function judgeStaging(
  { wanted, contents }: { readonly wanted: Wanted; readonly contents: readonly Content[] },
  by: { readonly issuance: Issuance; readonly issuer: Issuer | undefined },
): readonly Verdict[] {
  return contents.flatMap((content) => {
    const ca = content.facts && testCaOf(content.facts);
    if (!ca || !isStray(ca, by.issuer, by.issuance.current)) return [];
    const fix = `Issue it again: nolapse renew ${wanted.id} --force`;
    return stagingVerdict(content, fix, 'and that is not what its issuer issues');
  });
}
