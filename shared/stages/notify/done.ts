/** What was done, from what was told of it. Pure. */
import type { CertificateId, Iso, Place } from '../../contract/ids.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Happened } from '../../contract/rows.ts';

export interface Done {
  readonly renewed: readonly { readonly id: CertificateId; readonly serial: string; readonly notAfter: Iso }[];
  readonly delivered: readonly { readonly id: CertificateId; readonly place: Place; readonly outcome: string }[];
  readonly failed: readonly FailedOne[];
}

export interface FailedOne {
  readonly id: CertificateId;
  readonly stage: string;
  readonly problem: Pick<Problem, 'type' | 'detail'>;
  readonly nextAttemptAt: Iso | null;
}

const failedOne = ({ subject, stage, detail }: Happened): FailedOne => ({
  id: subject,
  stage: detail.stage ?? stage,
  problem: { type: detail.type ?? 'nolapse:unexpected', detail: detail.problem ?? '' },
  nextAttemptAt: detail.nextAttemptAt ?? null,
});

/** The last word on each certificate (and place): a try that failed and was made good in the same run has not failed. */
export function doneIn(happened: readonly Happened[]): Done {
  const renewed = new Map<string, Done['renewed'][number]>();
  const delivered = new Map<string, Done['delivered'][number]>();
  const failed = new Map<string, FailedOne>();
  for (const event of happened) {
    const { subject: id, detail } = event;
    if (event.what === 'issued') {
      renewed.set(id, { id, serial: detail.serial ?? '', notAfter: detail.notAfter ?? '' });
      failed.delete(id);
    } else if (event.what === 'delivered') {
      const { place = '', outcome = '' } = detail;
      const where = `${id} ${place}`;
      // a look that finds what was just written there takes nothing back
      if (outcome !== 'unchanged' || !delivered.has(where)) delivered.set(where, { id, place, outcome });
      failed.delete(where);
    } else if (event.what === 'attempt-failed') {
      failed.set(detail.place ? `${id} ${detail.place}` : id, failedOne(event));
    }
  }
  return { renewed: [...renewed.values()], delivered: [...delivered.values()], failed: [...failed.values()] };
}
