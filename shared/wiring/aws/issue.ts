/** The function `issue`: authorities, the zones, and the sealing of certificate keys. It is handed no way to open one. */

import { AcmeAuthorities } from '../../adapters/acme/acme-authorities.ts';
import { eventBridgeEvents } from '../../adapters/aws/eventbridge-events.ts';
import { kmsSeal, kmsUnseal } from '../../adapters/aws/kms-seal.ts';
import { route53ChallengeZone } from '../../adapters/aws/route53-challenge-zone.ts';
import { secretsManagerReader } from '../../adapters/aws/secrets-manager-read-secret.ts';
import type { Environment } from '../../contract/environment.ts';
import { type CertificateId, FLEET_SOURCE, issueLane, type Lane } from '../../contract/ids.ts';
import type { Invocation } from '../../contract/invocation.ts';
import type { AccountContext, AttemptContext } from '../../contract/ports.ts';
import { VERSION } from '../../contract/version.ts';
import { resolveId } from '../../fleet/resolve-id.ts';
import { force } from '../../lanes/force.ts';
import { requireStaying } from '../../lanes/installation.ts';
import { runIssueLane } from '../../lanes/issue.ts';
import { inShort, plan } from '../../lanes/plan.ts';
import { type Standing, standingOf, wantedIds } from '../../lanes/standing.ts';
import { authoritiesOf, requestCounts } from '../authorities.ts';
import { secretReader } from '../clusters.ts';
import { serviceClusters } from './clusters.ts';
import { openService, type Service, type Watching } from './service.ts';

type Asked = Extract<Invocation, { is: 'certificate' }>;

const PREFIX = issueLane('');
/** Certificates are delivered while others are still ordered. */
const RINGS_AFTER_MS = 500;
/** Between two looks at a certificate that somebody waits for. */
const LOOK_MS = 2_000;
/** Left for the answer when the time of an invocation runs out. */
const ANSWER_MS = 5_000;

function issuing(service: Service, { attemptKey = '', accountKey = '' }: Environment) {
  const { fleet, records, clock, journal } = service;
  const secrets = secretsManagerReader({ fleet: fleet.name });
  const readSecret = secretReader(secrets.readSecret, serviceClusters(service, secrets));
  const { counts, requests } = requestCounts();
  const acme = new AcmeAuthorities({
    ...{ records, clock, readSecret, fleet: fleet.name, version: VERSION },
    seal: kmsSeal<AccountContext>({ keyId: accountKey }).seal,
    unseal: kmsUnseal<AccountContext>({ keyId: accountKey }).unseal,
    announce: (line) => void journal.tell({ subject: 'issue', what: 'said', stage: 'issue', detail: { line } }),
    asked: counts.ca,
  });
  return {
    seal: kmsSeal<AttemptContext>({ keyId: attemptKey }).seal,
    zone: route53ChallengeZone({ zones: fleet.zones, clock, asked: counts.route53 }),
    ...authoritiesOf({ fleet, records, acme, readSecret, clock }),
    requests,
  };
}

/** Waits until there is nothing to wait for, the certificate waits for another day, or the invocation's time is nearly over. */
async function settled(certificate: string, service: Service): Promise<Standing> {
  const { clock } = service;
  for (;;) {
    const standing = await standingOf(certificate, service);
    const isOver = ['valid', 'held'].includes(standing.state) || standing.nextAt !== undefined;
    if (isOver || clock.remainingMs() < ANSWER_MS + LOOK_MS) return standing;
    await clock.sleep(LOOK_MS);
  }
}

async function idOf(certificate: string, { records, fleet }: Service): Promise<CertificateId> {
  const sources = [FLEET_SOURCE, ...fleet.clusters.map(({ name }) => name)];
  return resolveId(certificate, await wantedIds(records, sources));
}

async function certificateNow({ certificate, force: isForced, wait }: Asked, service: Service) {
  const { records } = service;
  const id = await idOf(certificate, service);
  if (isForced) {
    await requireStaying(records);
    await force(id, 'aws lambda invoke', service);
  }
  const standing = wait ? await settled(id, service) : await standingOf(id, service);
  const next = standing.state === 'valid' ? {} : { next: `{"certificate":${JSON.stringify(id)},"wait":true}` };
  return { ...standing, ...next };
}

export async function openIssue(environment: Environment, watching: Watching) {
  const service = await openService({
    ...{ name: 'issue', environment, watching, telling: eventBridgeEvents },
    ringsAfterMs: RINGS_AFTER_MS,
  });
  const ports = { ...service, ...issuing(service, environment) };
  return {
    ...{ during: service.during, pause: service.pause },
    run: async (lane: Lane) => ({ lane, is: await runIssueLane(lane.slice(PREFIX.length), ports) }),
    plan: async () => inShort(await plan(ports)),
    certificate: (asked: Asked) => certificateNow(asked, service),
    // read when somebody rehearses or leaves, and by no other start of the function
    rehearse: async ({ certificate }: Extract<Invocation, { is: 'rehearse' }>) => {
      const { rehearse } = await import('../../lanes/rehearse.ts');
      return rehearse(await idOf(certificate, service), { ...ports, told: () => undefined });
    },
    leave: async (asked: Extract<Invocation, { is: 'leave' }>) =>
      (await import('./leave-orders.ts')).leaveOrders(asked, ports),
  };
}
