/** The lever `renew --force`: a row made due and its lane rung. There is no second road to issue. */
import { type CertificateId, issueLane } from '../contract/ids.ts';
import type { Bell, Clock } from '../contract/ports.ts';
import { InputError } from '../contract/problem.ts';
import { decided, keys, type Records, rows } from '../contract/records.ts';
import { isWritable } from '../stages/assess/assess-issuance.ts';
import { destinationRowsOf } from './members.ts';

interface ForcePorts {
  readonly records: Records;
  readonly bell: Bell;
  readonly clock: Pick<Clock, 'now'>;
}

/** Throws InputError where nothing is asked for under this id, it is held, or no place of it may be written. */
export async function force(id: CertificateId, by: string, { records, bell, clock }: ForcePorts): Promise<void> {
  const wanted = (await records.get(keys.wanted(id)))?.body;
  if (!wanted?.issuance || wanted.goneAt)
    throw new InputError([
      {
        where: id,
        message: wanted?.held
          ? `cannot be renewed: ${wanted.held.message}`
          : 'nobody asks for a certificate of this id',
        fix: `see: nolapse explain ${id}`,
      },
    ]);
  const places = (await destinationRowsOf(records, wanted.issuance)).map(({ body }) => body);
  if (places.length > 0 && !places.some(isWritable))
    throw new InputError([
      {
        where: id,
        message: 'none of its places may be written, so nothing is ordered for it',
        fix: `see what is there, and agree to its replacement: nolapse adopt ${id}`,
      },
    ]);
  const at = clock.now().toISOString();
  const row = await decided(records, keys.issuance(wanted.issuance), (stored) =>
    stored
      ? rows.issuance(
          { ...stored.body, forced: { by, at }, due: { reason: 'Forced', message: `asked for by ${by}`, since: at } },
          stored.rev,
          at,
        )
      : undefined,
  );
  if (row) await bell.ring(issueLane(row.body.request.issuer));
}
