/** The lever `adopt`: old and new side by side, then the consent as a row. It holds for what was shown, until it is delivered. */
import type { Facts } from '../contract/certificate.ts';
import type { CertificateId, Place } from '../contract/ids.ts';
import type { Ownership } from '../contract/observation.ts';
import type { Bell, Clock } from '../contract/ports.ts';
import { decided, keys, type Records, rows } from '../contract/records.ts';
import type { Destination, Wanted } from '../contract/rows.ts';
import { assess } from './assess.ts';

export interface Adoption {
  readonly place: Place;
  readonly ownership: Ownership;
  /** What is there, where it can be read. */
  readonly have?: Facts;
  readonly want: Facts | 'a new certificate';
}

interface AdoptPorts {
  readonly records: Records;
  readonly bell: Bell;
  readonly clock: Pick<Clock, 'now'>;
}

async function destinationsOf(id: CertificateId, records: Records) {
  const wanted: Wanted | undefined = (await records.get(keys.wanted(id)))?.body;
  const rowsOf = (wanted?.places ?? []).map(({ place }) => records.get(keys.destination(place)));
  return (await Promise.all(rowsOf)).flatMap((row) => (row && row.body.certificate === id ? [row.body] : []));
}

/** Somebody's, but nobody's who would write again: only these can be taken over. */
const isOpenToConsent = ({ ownership }: Destination): boolean =>
  ownership.is === 'adoptable' || ownership.is === 'other-installation';

/** The places of a certificate that are not ours and not empty, whatever may be done about them. */
export async function adoptionOf(id: CertificateId, { records }: AdoptPorts): Promise<readonly Adoption[]> {
  const found = await destinationsOf(id, records);
  return Promise.all(
    found.flatMap(({ place, ownership, have, issuance }) =>
      ownership.is === 'unknown' || ownership.is === 'absent' || ownership.is === 'ours'
        ? []
        : [
            records.get(keys.issuance(issuance)).then((row) => {
              const current = row?.body.current;
              const want = current?.sealedKey ? current.facts : ('a new certificate' as const);
              return { place, ownership, want, ...(have?.facts ? { have: have.facts } : {}) };
            }),
          ],
    ),
  );
}

export async function adopt(id: CertificateId, ports: AdoptPorts): Promise<readonly Place[]> {
  const { records } = ports;
  const open = (await destinationsOf(id, records)).filter(isOpenToConsent);
  for (const { place } of open)
    await decided(records, keys.destination(place), (row) => {
      if (!row || !isOpenToConsent(row.body)) return undefined;
      const { failure: _answered, ...body } = row.body;
      return rows.destination({ ...body, adopt: true }, row.rev, row.wakeAt);
    });
  for (const issuance of new Set(open.map((destination) => destination.issuance))) {
    const row = await records.get(keys.issuance(issuance));
    if (row) await assess({ id: issuance, request: row.body.request, members: [id] }, ports);
  }
  return open.map(({ place }) => place);
}
