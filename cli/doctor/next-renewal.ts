/** Which certificate is renewed next, and when: the checks say what stands before that. */
import type { CertificateId, Iso } from '../../shared/contract/ids.ts';
import { keys, type Records } from '../../shared/contract/records.ts';
import { sideBySide } from '../../shared/lanes/side-by-side.ts';
import type { AskedFor } from './asked-for.ts';

export interface NextRenewal {
  readonly certificate: CertificateId;
  /** In the past or now = it is due. */
  readonly at: Iso;
}

/** What was never issued is due now. */
export async function nextRenewal(
  { wanted }: AskedFor,
  { records, now }: { readonly records: Records; readonly now: Iso },
): Promise<NextRenewal | undefined> {
  const free = wanted.filter(({ held }) => held === undefined);
  const renewals = await sideBySide(free, async ({ id, issuance }): Promise<NextRenewal> => {
    const state = issuance === undefined ? undefined : (await records.get(keys.issuance(issuance)))?.body;
    const isDue = !state?.current || state.due !== undefined;
    return { certificate: id, at: isDue ? now : (state.renewAt ?? now) };
  });
  return renewals.toSorted((a, b) => a.at.localeCompare(b.at))[0];
}
