/** A world of real parts: its own Pebble, name servers and empty moto over API servers that are shared and wiped. */
import { join } from 'node:path';
import { spawnPart } from '../../sandbox/spawn.ts';
import { clearFaults, setFault } from '../scenarios/harness/back-door.ts';
import { type DnsReady, dnsConfig, ZONE } from '../scenarios/harness/dns-parts.ts';
import { openWorld } from '../scenarios/harness/open-world.ts';
import type { Parts } from '../scenarios/harness/parts.ts';
import type { WorldKind } from '../scenarios/harness/run-scenarios.ts';
import type { Scenario } from '../scenarios/harness/scenario.ts';
import { openServiceWorld, SERVICE_PATIENCE, type ServiceWorld } from '../scenarios/harness/service-world.ts';
import type { FaultyPart } from '../scenarios/harness/world.ts';
import { writesFromNow } from './audit-log.ts';
import { wipe } from './kubernetes.ts';
import { startPebble } from './pebble.ts';
import type { RealStack } from './stack.ts';

let opened = 0;

/** The two parts that are not real ones. */
function doorOf(part: FaultyPart, doors: Readonly<Record<'dns' | 'eks', string>>): { readonly url: string } {
  if (part === 'dns' || part === 'eks') return { url: doors[part] };
  throw new TypeError(`${part}: a real part does not misbehave on demand`);
}

async function startParts(stack: RealStack, scenario: Scenario): Promise<Parts> {
  opened += 1;
  await stack.moto.reset();
  const [east, west] = stack.kubernetes.clusters;
  await Promise.all([wipe(east), wipe(west)]);
  const dns = await spawnPart<DnsReady>('dns', dnsConfig(scenario));
  const { url, nameServers } = dns.ready;
  const doors = { dns: url, eks: stack.eks.url };
  const start = (name: string) =>
    startPebble({
      ...{ program: stack.tools.pebble, ca: stack.ca, nameServer: nameServers[0] ?? '' },
      folder: join(stack.folder, `world-${opened}`, name),
    });
  const pebble = await start('ca');
  const staging = scenario.staging ? await start('staging') : undefined;
  return {
    name: 'real',
    clusters: [
      { ...east, writes: await writesFromNow(east.auditLog) },
      { ...west, writes: await writesFromNow(west.auditLog) },
    ],
    acme: pebble.acme,
    ...(staging ? { staging: staging.acme } : {}),
    route53Url: url,
    awsUrl: stack.moto.url,
    account: '123456789012',
    eksUrl: stack.eks.url,
    nameServers,
    zone: ZONE,
    features: ['one-process'],
    fault: async (part, fault) => setFault(doorOf(part, doors), fault),
    calm: async (part) => clearFaults(doorOf(part, doors)),
    close: async () => {
      await staging?.stop();
      await pebble.stop();
      await dns.close();
    },
  };
}

/** Real parts as a kind of world. One world at a time. */
export const realKind = (stack: RealStack): WorldKind => ({
  name: 'real',
  features: ['one-process'],
  open: async (scenario) => openWorld(await startParts(stack, scenario)),
});

/** The deployed service on the same parts. */
export const realServiceKind = (stack: RealStack): WorldKind<ServiceWorld> => ({
  name: 'real',
  features: ['schedule'],
  patience: SERVICE_PATIENCE,
  open: async (scenario) => openServiceWorld(await startParts(stack, scenario)),
});
