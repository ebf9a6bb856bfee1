/** Where one certificate stands, in a few words: for whoever asked by hand and waits for an answer. */
import {
  type CertificateId,
  deliverLane,
  type Iso,
  inventoryLane,
  issueLane,
  type Lane,
  type Place,
} from '../contract/ids.ts';
import type { Clock } from '../contract/ports.ts';
import { InputError } from '../contract/problem.ts';
import { isWantedRow, keys, type Records } from '../contract/records.ts';
import { type Destination, type Issuance, pauseOf, type Wanted } from '../contract/rows.ts';
import { isWritable } from '../stages/assess/assess-issuance.ts';
import { holds } from '../stages/assess/triggers.ts';
import { destinationRowsOf } from './members.ts';
import { lanesFor, type PausedLane, pausedWords } from './pause.ts';

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
  /** Lanes that its work goes through, where somebody has stopped them. */
  readonly paused?: readonly PausedLane[];
  readonly places: readonly { readonly place: Place; readonly serial?: string; readonly problem?: string }[];
}

export interface StandingPorts {
  readonly records: Records;
  readonly clock: Pick<Clock, 'now'>;
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

type PauseIn = (lane: Lane) => PausedLane | undefined;

/** A lane that rests comes before whatever would be waited for in it. */
function orPaused(waits: Waits, pause: PausedLane | undefined): Waits {
  if (!pause) return waits;
  const nextAt = waits.nextAt && waits.nextAt > pause.until ? waits.nextAt : pause.until;
  return { ...waits, waitingFor: `its lane ${pause.lane}, which is ${pausedWords(pause)}`, since: pause.since, nextAt };
}

function waitsFor(
  of: { wanted: Wanted; issuance?: Issuance; places: readonly Destination[] },
  pauseIn: PauseIn,
): Waits {
  const { wanted, issuance, places } = of;
  if (wanted.held) return { state: 'held', waitingFor: wanted.held.message };
  if (!issuance)
    return orPaused({ state: 'due', waitingFor: 'the next inventory' }, pauseIn(inventoryLane(wanted.source)));
  const ordering = waitsForOrder(issuance);
  if (ordering) return orPaused(ordering, pauseIn(issueLane(issuance.request.issuer)));
  const { current } = issuance;
  const lacking = places.filter((place) => isWritable(place) && !(current && holds(place.have, current)));
  const pauseAt = ({ place }: Destination) => pauseIn(deliverLane(place));
  const first = lacking.find((one) => !pauseAt(one)) ?? lacking[0];
  if (!first || !current) return { state: 'valid' };
  return orPaused(
    {
      state: 'delivering',
      waitingFor: first.failure ? `${first.place}: ${first.failure.problem.detail}` : first.place,
      since: first.failure?.firstAt ?? current.issuedAt,
      ...optional('nextAt', first.failure?.retryAt),
    },
    pauseAt(first),
  );
}

function waitsForOrder({ attempt, failure, due }: Issuance): Waits | undefined {
  if (attempt)
    return { state: 'in progress', waitingFor: `the order, which is at ${attempt.step.at}`, since: attempt.startedAt };
  if (failure)
    return { state: 'failed', waitingFor: failure.problem.detail, since: failure.firstAt, nextAt: failure.retryAt };
  return due && { state: 'due', waitingFor: `its turn in the lane: ${due.message}`, since: due.since };
}

async function pausedAmong(
  lanes: ReadonlySet<Lane>,
  { records, clock }: StandingPorts,
): Promise<readonly PausedLane[]> {
  const rows = await Promise.all([...lanes].map((lane) => records.get(keys.lane(lane))));
  return rows.flatMap((row) => {
    const pause = pauseOf(row?.body, clock.now());
    return row && pause ? [{ lane: row.body.lane, ...pause }] : [];
  });
}

/** Throws InputError where nobody asks for it. */
export async function standingOf(certificate: CertificateId, ports: StandingPorts): Promise<Standing> {
  const { records } = ports;
  const wanted = (await records.get(keys.wanted(certificate)))?.body;
  if (!wanted || wanted.goneAt)
    throw new InputError([{ where: certificate, message: 'nobody asks for a certificate of this id' }]);
  const issuance =
    wanted.issuance === undefined ? undefined : (await records.get(keys.issuance(wanted.issuance)))?.body;
  const rows = issuance ? await destinationRowsOf(records, issuance.id) : [];
  const places = rows.map(({ body }) => body).filter((place) => place.certificate === certificate);
  const facts = issuance?.current?.facts;
  const lanes = lanesFor({ ...wanted, places: wanted.places.map(({ place }) => place) });
  const paused = await pausedAmong(lanes, ports);
  const of = { wanted, places, ...(issuance ? { issuance } : {}) };
  return {
    certificate,
    ...waitsFor(of, (lane) => paused.find((one) => one.lane === lane)),
    ...optional('serial', facts?.serial),
    ...optional('notAfter', facts?.notAfter),
    ...optional('renewAt', issuance?.renewAt),
    ...optional('paused', paused.length > 0 ? paused : undefined),
    places: places.map(({ place, have, failure }) => ({
      place,
      ...optional('serial', have?.facts?.serial),
      ...optional('problem', failure?.problem.detail),
    })),
  };
}
