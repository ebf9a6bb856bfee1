/** The plan of one certificate that is only looked at, as it would be in manage: over rows that nobody else sees. */
import { type CertificateId, type Place, partyOf } from '../contract/ids.ts';
import type { Blobs } from '../contract/ports.ts';
import { keys, type Records } from '../contract/records.ts';
import { registeredDomains } from '../standards/dns/public-suffix.ts';
import { ownershipOf } from '../standards/kubernetes/ownership.ts';
import { assess } from './assess.ts';
import { askedInManage, inManage } from './in-manage.ts';
import { type Plan, type PlanPorts, plan } from './plan.ts';
import { scratchRecords } from './scratch-records.ts';
import { readObserved } from './snapshots.ts';
import { type PlaceSeen, storeDestination, storeWanted } from './source-rows.ts';

interface Ports extends PlanPorts {
  readonly blobs: Blobs;
}

/** As the last look at its cluster saw it, where it could look at Secrets. One of another type stands in no list: a run looks at it by name. */
async function lastSeen(place: Place, certificate: CertificateId, ports: Ports): Promise<PlaceSeen['seen']> {
  const { records, blobs, fleet } = ports;
  const snapshot = await readObserved(blobs, partyOf(place));
  if (!snapshot || snapshot.gaps.some(({ what }) => what === 'tls-secrets')) return undefined;
  const observation = snapshot.observations.find((one) => one.place === place);
  const installation = (await records.get(keys.installation()))?.body.id ?? '';
  const ownership = ownershipOf(observation, { fleet: fleet.name, installation, certificate });
  return { ownership, at: snapshot.asOf, ...(observation ? { observation } : {}) };
}

async function asAsked(id: CertificateId, scratch: Records, ports: Ports) {
  const asked = await askedInManage(id, ports);
  const { wanted, request } = asked;
  await storeWanted(scratch, wanted);
  for (const wish of wanted.places) {
    const seen = await lastSeen(wish.place, id, ports);
    await storeDestination(scratch, { wish, issuance: wanted.issuance, certificate: id, ...(seen ? { seen } : {}) });
  }
  const demand = {
    id: wanted.issuance,
    request,
    members: [id],
    registeredDomains: registeredDomains(request.dnsNames),
  };
  const bell = { ring: async (): Promise<void> => undefined };
  await assess(demand, { records: scratch, bell, clock: ports.clock });
  return asked;
}

/** Everything in it is deferred, and says what would be due. Throws InputError where nothing would be done in manage either. */
export async function planInManage(id: CertificateId, ports: Ports): Promise<Plan> {
  const records = scratchRecords(ports.records);
  const { wanted, audit } = await asAsked(id, records, ports);
  const options = { only: new Set([wanted.issuance]), isAsked: true };
  const { due, deferred } = await plan({ ...ports, records, fleet: inManage(ports.fleet) }, options);
  const entries = [...due, ...deferred].map((entry) => ({
    ...entry,
    reason: 'Audit',
    message: `${audit?.message ?? 'it is only looked at'}; in manage, ${entry.reason}: ${entry.message}`,
  }));
  return { due: [], deferred: entries };
}
