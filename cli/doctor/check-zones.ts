/** Each zone: whether it may be read and changed, the world is sent to its name servers, they answer, and the names of challenges are its own. */
import { randomBytes } from 'node:crypto';
import type { ZoneContent } from '../../shared/adapters/aws/route53-look.ts';
import type { Fleet, Zone } from '../../shared/contract/fleet.ts';
import { ProblemError } from '../../shared/contract/problem.ts';
import { roleArnOf } from '../../shared/rights/account-role.ts';
import {
  type AtChallenge,
  apexIn,
  atChallenge,
  type Delegation,
  delegationIn,
  lameness,
} from '../../shared/standards/dns/delegation.ts';
import { challengesIn, isWithin } from '../../shared/standards/dns/names.ts';
import type { Instruments } from '../../shared/wiring/instruments.ts';
import { counted } from '../output/words.ts';
import { type Check, ok, type Verdict, YOU } from './diagnose.ts';
import { addressesOf, saidBy, serversOf } from './name-servers.ts';
import { once } from './once.ts';

const ZONE = 'zone';
const DELEGATION = 'delegation';
export const NAME_SERVERS = 'name-servers';

const zoneOwner = ({ name, roleArn }: Zone): string => {
  const account = roleArnOf(roleArn ?? '')?.account;
  return account === undefined ? YOU : `the owner of the zone ${name}, AWS account ${account}`;
};
const parentOwner = (parent: string | undefined, zone: string): string =>
  parent?.includes('.') ? `the owner of the zone ${parent}` : `whoever registered ${zone}`;

interface Of {
  readonly tools: Instruments;
  readonly zone: Zone;
  /** Names of challenges in it. */
  readonly challenges: readonly string[];
}

interface Parent {
  readonly name: string;
  readonly delegation: Delegation;
}

/** What the servers of the parent say of the zone: the first that gives an answer. */
async function delegationOf({ name }: Zone, tools: Instruments): Promise<Parent> {
  const { dns } = tools;
  const above = name.slice(name.indexOf('.') + 1);
  const parent = apexIn(await dns.resolve(above, 'SOA'), above);
  if (parent === undefined)
    throw new ProblemError({
      type: 'nolapse:no-parent',
      detail: `the resolvers do not say which zone ${above} is in`,
      retry: 'later',
      fix: 'name resolvers that know the public DNS: spec.dns.resolvers of the fleet file',
    });
  let last: Delegation = { is: 'unanswered', rcode: 'no answer' };
  for (const server of await serversOf(parent, dns))
    for (const address of await addressesOf(server, dns)) {
      const answer = await saidBy(address, { name, type: 'NS' }, dns);
      if (answer) last = delegationIn(answer, name);
      if (last.is !== 'unanswered') return { name: parent, delegation: last };
    }
  return { name: parent, delegation: last };
}

async function zoneVerdict({ name, hostedZoneId }: Zone, content: () => Promise<ZoneContent>): Promise<Verdict> {
  const found = await content();
  if (found.name === name) return ok(`${hostedZoneId} may be read, and is this zone`);
  return {
    state: 'broken',
    evidence: [`the hosted zone ${hostedZoneId} is ${found.name || 'empty'}, not ${name}`],
    fix: `correct hostedZoneId of ${name} in spec.zones of the fleet file: aws route53 list-hosted-zones-by-name --dns-name ${name} shows it`,
    who: YOU,
  };
}

/** `own`: the zone's name servers, where they could be read. */
function delegationVerdict(
  zone: string,
  { name: parent, delegation }: Parent,
  own: readonly string[] | undefined,
): Verdict {
  const who = parentOwner(parent, zone);
  if (delegation.is === 'unanswered')
    return {
      state: 'warning',
      evidence: [`the name servers of ${parent} do not say where ${zone} is (${delegation.rcode})`],
      fix: 'check that this machine may ask them: UDP and TCP port 53',
      who: YOU,
    };
  const to = delegation.is === 'delegated' ? delegation.to : [];
  if (to.length > 0 && (own === undefined || own.join() === to.join()))
    return ok(`${parent} sends the world to ${to.join(', ')}`);
  // servers that are left out are missed by nobody who is sent to the others
  const isEnough = to.length > 0 && to.every((server) => own?.includes(server));
  return {
    state: isEnough ? 'warning' : 'broken',
    evidence: [
      to.length > 0 ? `${parent} sends the world to ${to.join(', ')}` : `${parent} does not delegate ${zone}`,
      ...(own ? [`the hosted zone is on ${own.join(', ')}`] : []),
    ],
    fix: own
      ? `set the NS records of ${zone} at ${parent} to ${own.join(', ')}`
      : `delegate ${zone} at ${parent} to the name servers of its hosted zone`,
    who,
  };
}

interface Served {
  readonly lame: readonly string[];
  /** Of servers that answer as they should. */
  readonly addresses: readonly string[];
}

async function servedBy(zone: string, servers: readonly string[], { dns }: Instruments): Promise<Served> {
  const looked = await Promise.all(
    servers.map(async (server) => {
      const addresses = await addressesOf(server, dns);
      if (addresses.length === 0) return { lame: [`${server} has no address`], addresses: [] };
      const why = await Promise.all(
        addresses.map(async (address) => {
          const answer = await saidBy(address, { name: zone, type: 'SOA' }, dns);
          return answer ? lameness(answer) : 'does not answer';
        }),
      );
      return {
        lame: addresses.flatMap((address, i) => (why[i] ? [`${server} (${address}) ${why[i]}`] : [])),
        addresses: addresses.filter((_, i) => !why[i]),
      };
    }),
  );
  return { lame: looked.flatMap((one) => one.lame), addresses: looked.flatMap((one) => one.addresses) };
}

function serversVerdict({ name, ...zone }: Zone, { lame, addresses }: Served): Verdict {
  if (lame.length + addresses.length === 0)
    return {
      state: 'broken',
      evidence: [`neither the zone above ${name} nor the resolvers name a name server of it`],
      fix: 'name resolvers that know the public DNS: spec.dns.resolvers of the fleet file',
      who: YOU,
    };
  if (lame.length === 0) return ok(`${counted(addresses.length, 'name server')} of it answer as its own`);
  return {
    state: 'broken',
    evidence: lame,
    fix: `take the NS records of these servers away from ${name} and from its parent, or let them serve it; those that stay must be all of the hosted zone`,
    who: zoneOwner({ name, ...zone }),
  };
}

/** A wildcard of the zone answers for names that are not there; what is written at a name stands before it. */
async function isWildcard(fqdn: string, target: string, ask: Ask): Promise<boolean> {
  const sibling = fqdn.replace(/^[^.]+/, `_nolapse-${randomBytes(8).toString('hex')}`);
  const at = await ask(sibling);
  return at.is === 'alias' && at.target === target;
}

type Ask = (fqdn: string) => Promise<AtChallenge>;

async function trapAt(fqdn: string, ask: Ask, fleet: Fleet): Promise<{ seen: string; fix: string } | undefined> {
  const at = await ask(fqdn);
  if (at.is === 'alias' && !(await isWildcard(fqdn, at.target, ask))) {
    const isListed = fleet.zones.some(({ name }) => isWithin(at.target, name));
    const where = isListed ? 'in a zone of the fleet, but not at the name itself' : 'in no zone of the fleet file';
    return {
      seen: `${fqdn} is a CNAME to ${at.target}, ${where}`,
      fix: `remove the CNAME at ${fqdn}: the TXT value is written at this very name`,
    };
  }
  if (at.is === 'delegated')
    return {
      seen: `${at.at} is delegated to ${at.to.join(', ')}, so a value in the zone above it is not seen`,
      fix: `list the hosted zone of ${at.at} in spec.zones of the fleet file, or remove its NS records`,
    };
  return undefined;
}

async function challengeVerdict({ zone, challenges, tools }: Of, addresses: readonly string[]): Promise<Verdict> {
  const [server = ''] = addresses;
  const ask: Ask = async (fqdn) => atChallenge(await tools.dns.ask(server, fqdn, 'TXT'), fqdn, zone.name);
  const traps = (await Promise.all(challenges.map((fqdn) => trapAt(fqdn, ask, tools.fleet)))).filter(
    (one) => one !== undefined,
  );
  const [first] = traps;
  if (!first) return ok(`${counted(challenges.length, 'name')} of challenges: the zone itself answers for all`);
  return { state: 'broken', evidence: traps.map(({ seen }) => seen), fix: first.fix, who: zoneOwner(zone) };
}

/** The role is made by the owners of its account, for whoever IAM says was refused. */
function deniedCommand({ roleArn }: Zone, detail: string): { readonly command?: string } {
  const account = roleArnOf(roleArn ?? '')?.account;
  const us = /User: arn:[\w-]+:(?:iam|sts)::(\d{12}):/.exec(detail)?.[1];
  return account && us ? { command: `nolapse access dns --account ${account} --trust ${us}` } : {};
}

function withRole(zone: Zone, look: () => Promise<Verdict>): () => Promise<Verdict> {
  return async () => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof ProblemError) || !/Denied/.test(error.problem.type)) throw error;
      const { detail, fix = 'allow it' } = error.problem;
      return { state: 'broken', evidence: [detail], fix, who: zoneOwner(zone), ...deniedCommand(zone, detail) };
    }
  };
}

function zoneChecks(of: Of): readonly Check[] {
  const { tools, zone, challenges } = of;
  const { here } = tools;
  const subject = zone.name;
  const content = here && once(() => here.route53.content(zone));
  const parent = once(() => delegationOf(zone, tools));
  const servers = once(async () => {
    const { delegation } = await parent();
    return delegation.is === 'delegated' ? delegation.to : serversOf(zone.name, tools.dns);
  });
  const served = once(async () => servedBy(zone.name, await servers(), tools));
  const [needsZone, needsServers] = [[`${ZONE} ${subject}`], [`${NAME_SERVERS} ${subject}`]];
  const [probe = `_acme-challenge.${zone.name}`] = challenges;
  return [
    ...(here && content
      ? [
          { check: ZONE, subject, look: withRole(zone, () => zoneVerdict(zone, content)) },
          {
            ...{ check: 'changes', subject, needs: needsZone },
            look: withRole(zone, async () => {
              await here.route53.mayChange(zone, probe);
              return ok(`TXT values may be written at ${probe}: removing one that is not there was refused as such`);
            }),
          },
        ]
      : []),
    {
      ...{ check: DELEGATION, subject, needs: needsZone },
      look: async () => delegationVerdict(zone.name, await parent(), content && (await content()).nameServers),
    },
    {
      ...{ check: NAME_SERVERS, subject, needs: [`${DELEGATION} ${subject}`] },
      look: async () => serversVerdict(zone, await served()),
    },
    ...(challenges.length > 0
      ? [
          {
            ...{ check: 'challenges', subject, needs: needsServers },
            look: async () => challengeVerdict(of, (await served()).addresses),
          },
        ]
      : []),
  ];
}

/** Of all zones, or of those that names are in. */
export function zonesChecks(tools: Instruments, names: readonly string[], isWhole: boolean): readonly Check[] {
  const { zones } = tools.fleet;
  const challenges = Map.groupBy(challengesIn(names, zones), ({ zone }) => zone.name);
  return zones
    .filter(({ name }) => isWhole || challenges.has(name))
    .flatMap((zone) =>
      zoneChecks({ tools, zone, challenges: (challenges.get(zone.name) ?? []).map(({ fqdn }) => fqdn) }),
    );
}
