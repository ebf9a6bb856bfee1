/** What somebody asks for under an id, where something may be done for it. */
import type { CertificateId } from '../shared/contract/ids.ts';
import { InputError } from '../shared/contract/problem.ts';
import { keys } from '../shared/contract/records.ts';
import type { Wanted } from '../shared/contract/rows.ts';
import type { Session } from './session.ts';

/** Wanted, and of an issuer. */
export type Asked = Wanted & { readonly issuance: string };

/** Throws InputError where nobody asks for it or nothing may be done. */
export async function wantedOf({ local }: Session, id: CertificateId): Promise<Asked> {
  const row = await local.records.get(keys.wanted(id));
  const refused = (message: string, fix: string): InputError => new InputError([{ where: id, message, fix }]);
  if (!row || row.body.goneAt)
    throw refused(
      'nobody asks for this certificate, it was only found',
      'ask for it with a Certificate or a FleetCertificate',
    );
  const { held, issuance } = row.body;
  if (held || issuance === undefined)
    throw refused(`cannot be renewed: ${held?.message ?? 'it is asked of no issuer'}`, `see: nolapse explain ${id}`);
  return { ...row.body, issuance };
}
