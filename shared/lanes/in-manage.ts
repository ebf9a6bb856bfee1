/** What would be asked for, were everything in mode manage: for whoever plans or rehearses before it is. */
import type { IssuanceRequest } from '../contract/certificate.ts';
import type { Cluster, Fleet, Issuer } from '../contract/fleet.ts';
import type { CertificateId } from '../contract/ids.ts';
import { InputError } from '../contract/problem.ts';
import { keys } from '../contract/records.ts';
import type { Held, Wanted } from '../contract/rows.ts';
import { fixOfHeld } from '../stages/assess/judge-held.ts';
import { issuerOf, want } from '../stages/assess/want.ts';
import { issuersFor, wishOf } from './asked-again.ts';
import type { LanePorts } from './lane-ports.ts';

export interface LookPorts extends Pick<LanePorts, 'fleet' | 'records'> {
  readonly clock: Pick<LanePorts['clock'], 'now'>;
}

export interface AskedInManage {
  readonly wanted: Wanted & { readonly issuance: string };
  readonly request: IssuanceRequest;
  readonly issuer: Issuer;
  /** Why nothing is done for it now, where it is in audit. */
  readonly audit?: Held;
}

export const inManage = (fleet: Fleet): Fleet => ({
  ...fleet,
  clusters: fleet.clusters.map(
    (cluster): Cluster => ({
      ...cluster,
      mode: 'manage',
      namePolicy: cluster.namePolicy.map(({ mode: _its, ...line }) => line),
    }),
  ),
});

const refused = (where: string, message: string, fix: string): InputError => new InputError([{ where, message, fix }]);

/** Throws InputError where nobody asks for it, or nothing would be done for it in manage either. */
export async function askedInManage(id: CertificateId, ports: LookPorts): Promise<AskedInManage> {
  const { records, clock } = ports;
  const fleet = inManage(ports.fleet);
  const stored = (await records.get(keys.wanted(id)))?.body;
  const wish = stored && !stored.goneAt ? wishOf(stored, fleet) : undefined;
  if (!stored || !wish)
    throw refused(
      id,
      'nobody asks for this certificate, it was only found',
      'ask for it with a Certificate or a FleetCertificate',
    );
  const issuers = await issuersFor(stored, { fleet, records });
  const context = { fleet, issuers, unusableIssuers: new Set<string>(), now: clock.now().toISOString() };
  const { wanted, request } = want(wish, context);
  const { held: found } = stored;
  // an inventory has seen more than is looked at here; of what is in audit it has looked at nothing else
  const held = found && found.reason !== 'audit' ? found : wanted.held;
  if (held) throw refused(id, `cannot be renewed: ${held.message}`, fixOfHeld(stored, held));
  const [issuer, issuance] = [issuerOf(wish, issuers), wanted.issuance];
  if (!issuer || !request || issuance === undefined) throw new TypeError(`${id} is neither held nor asked of anybody`);
  return { wanted: { ...wanted, issuance }, request, issuer, ...(found ? { audit: found } : {}) };
}
