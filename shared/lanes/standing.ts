/** Where one certificate stands, in a few words: for whoever asked by hand and waits for an answer. */
import type { CertificateId, Iso, Place } from '../contract/ids.ts';
import { InputError } from '../contract/problem.ts';
import { isWantedRow, keys, type Records } from '../contract/records.ts';
import type { Destination, Issuance, Wanted } from '../contract/rows.ts';
import { isWritable } from '../stages/assess/assess-issuance.ts';
import { holds } from '../stages/assess/triggers.ts';
import { destinationRowsOf } from './members.ts';

export interface Standing {
  readonly certificate: CertificateId;
  /**
   * valid: in its places, nothing to do · due: waits for its turn · in progress: an order is open · failed: tried again at `nextAt` ·
   * delivering: issued, not yet everywhere · held: nothing is done for it, `waitingFor` says why.
   */
  readonly state: 'valid' | 'due' | 'in progress' | 'failed' | 'delivering' | 'held';
  readonly waitingFor?: string;
  readonly since?: Iso;
  readonly nextAt?: Iso;
  readonly serial?: string;
  readonly notAfter?: Iso;
  readonly renewAt?: Iso;
  readonly places: readonly { readonly place: Place; readonly serial?: string; readonly problem?: string }[];
}

/** Ids of all that is asked for, held or not. */
export async function wantedIds(records: Records, sources: readonly string[]): Promise<readonly CertificateId[]> {
  const ids: CertificateId[] = [];
  for (const source of sources)
    for await (const row of records.children<unknown>(`SRC#${source}`))
      if (isWantedRow(row) && !row.body.goneAt) ids.push(row.body.id);
  return ids;
}

type Waits = Pick<Standing, 'state' | 'waitingFor' | 'since' | 'nextAt'>;

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };

function waitsFor(wanted: Wanted, issuance: Issuance | undefined, places: readonly Destination[]): Waits {
  if (wanted.held) return { state: 'held', waitingFor: wanted.held.message };
  if (!issuance) return { state: 'due', waitingFor: 'the next inventory' };
  const { attempt, failure, due, current } = issuance;
  if (attempt)
    return { state: 'in progress', waitingFor: `the order, which is at ${attempt.step.at}`, since: attempt.startedAt };
  if (failure)
    return { state: 'failed', waitingFor: failure.problem.detail, since: failure.firstAt, nextAt: failure.retryAt };
  if (due) return { state: 'due', waitingFor: `its turn in the lane: ${due.message}`, since: due.since };
  const lacking = places.filter((place) => isWritable(place) && !(current && holds(place.have, current)));
  const [first] = lacking;
  if (!first || !current) return { state: 'valid' };
  return {
    state: 'delivering',
    waitingFor: first.failure ? `${first.place}: ${first.failure.problem.detail}` : first.place,
    since: first.failure?.firstAt ?? current.issuedAt,
    ...optional('nextAt', first.failure?.retryAt),
  };
}

/** Throws InputError where nobody asks for it. */
export async function standingOf(certificate: CertificateId, records: Records): Promise<Standing> {
  const wanted = (await records.get(keys.wanted(certificate)))?.body;
  if (!wanted || wanted.goneAt)
    throw new InputError([{ where: certificate, message: 'nobody asks for a certificate of this id' }]);
  const issuance =
    wanted.issuance === undefined ? undefined : (await records.get(keys.issuance(wanted.issuance)))?.body;
  const rows = issuance ? await destinationRowsOf(records, issuance.id) : [];
  const places = rows.map(({ body }) => body).filter((place) => place.certificate === certificate);
  const facts = issuance?.current?.facts;
  return {
    certificate,
    ...waitsFor(wanted, issuance, places),
    ...optional('serial', facts?.serial),
    ...optional('notAfter', facts?.notAfter),
    ...optional('renewAt', issuance?.renewAt),
    places: places.map(({ place, have, failure }) => ({
      place,
      ...optional('serial', have?.facts?.serial),
      ...optional('problem', failure?.problem.detail),
    })),
  };
}
