/** What only a service meets that nobody speaks to but its schedule: messages lost and doubled, environments ended, a time limit. */
import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { ordersSince, secretAt, servedAt } from './harness/served.ts';
import { type ServiceWorld, serviceOf } from './harness/service-world.ts';
import type { World } from './harness/world.ts';

/** What the design promises after a worker was ended: its lease runs out, and wake rings again. */
const GOES_ON_MS = 120_000;
/** The schedule's minute, made short. */
const TICK_MS = 1_000;

interface Scheduled {
  readonly world: ServiceWorld;
  /** Deploys the fleet with these channels beside the topic. */
  deploy(notifications: object): Promise<void>;
  /** The schedule goes on until it is so. */
  until(isSo: () => boolean | Promise<boolean>): Promise<void>;
  isServed(): Promise<boolean>;
  /** What must hold at the end, whatever happened on the way. */
  settled(): Promise<void>;
}

/** A deployed service with one certificate to obtain for a Secret in `east`. */
async function scheduled(opened: World, check: Check, options: { readonly timeoutMs?: number } = {}) {
  const world = serviceOf(opened);
  const [east] = world.clusters;
  await east.admin.namespace('shop');
  const place = { kubernetesSecret: { clusters: ['east'], namespace: 'shop', name: 'shop-tls' } };
  const names = [`shop.${world.zone.name}`, `*.shop.${world.zone.name}`];
  const deploy = async (notifications: object): Promise<void> => {
    const documents = [fleetCertificate('shop', names, [place])];
    await world.deploy(await writeFleet(world, { documents, notifications }), options);
  };
  await deploy({});
  const before = await world.zone.snapshot();
  world.service.arm(true);
  const wake = (what: 'due' | 'inventory') => world.service.schedule({ wake: what });
  const service: Scheduled = {
    ...{ world, deploy },
    until: async (isSo) => {
      const failed: unknown[] = [];
      for (let what: 'due' | 'inventory' = 'inventory'; ; what = 'due') {
        const rang = await wake(what);
        if (rang.is === 'failed') failed.push(rang.error);
        if (failed.length > 0 || (await isSo())) break;
        await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      }
      check.deepEqual(failed, [], 'what wake failed with');
    },
    isServed: async () => (await servedAt(east, secretAt('shop', 'shop-tls')))?.keyFits ?? false,
    settled: async () => {
      await service.until(async () => (await world.zone.snapshot()) === before);
      check.equal(ordersSince(world, 0), 1, 'orders in all');
    },
  };
  return service;
}

const hasLogged = ({ service }: ServiceWorld, message: string): boolean =>
  service.log.some((line) => line.includes(`"message":"${message}"`));

const NEEDS = { needs: ['schedule'] } as const;

scenario('messages lost, doubled and reordered cost time only', NEEDS, async (opened, check) => {
  const { world, until, isServed, settled } = await scheduled(opened, check);
  const everyThird = [true, false, false];
  const isLost = (): boolean => {
    everyThird.push(everyThird.shift() ?? false);
    return everyThird[0] ?? false;
  };
  world.service.host.disturb({ twice: () => true, lost: isLost });
  await until(isServed);
  await settled();
});

scenario(
  'environments ended in mid-order: the lane goes on within two minutes',
  { ...NEEDS, inSync: { minMs: 3_000, maxMs: 3_000 } },
  async (opened, check) => {
    const { world, until, isServed, settled } = await scheduled(opened, check);
    const { host, functions } = world.service;
    await until(() => hasLogged(world, 'order-created'));
    for (const environment of host.environments(functions().issue)) await environment.end();
    const endedAt = performance.now();
    check.equal(await isServed(), false, 'whether it was served when they were ended');
    // the values of the order are written again: the lane has gone on
    await until(() => hasLogged(world, 'in-sync'));
    check.ok(performance.now() - endedAt < GOES_ON_MS, 'the lane goes on within two minutes');
    await until(isServed);
    await settled();
  },
);

scenario('a function at its time limit has stored everything, and the next goes on', NEEDS, async (opened, check) => {
  const timeoutMs = 15_000;
  const { world, until, isServed, settled } = await scheduled(opened, check, { timeoutMs });
  await world.fault('dns', { kind: 'never-insync' });
  await until(() => hasLogged(world, 'order-created'));
  const limit = performance.now() + timeoutMs;
  await until(() => performance.now() > limit);
  check.equal(await isServed(), false, 'whether it was served before the zone was in sync');
  await world.calm('dns');
  await until(isServed);
  check.deepEqual(world.service.host.ended(), [], 'environments that were ended at their limit');
  await settled();
});

/** The text of an object that a message says how to fetch, as somebody fetches it who may; undefined where there is none. */
async function fetched({ service, awsEnv }: ServiceWorld, text: string): Promise<string | undefined> {
  const [, region = '', Bucket, Key] = /aws s3 cp --region (\S+) s3:\/\/([^/]+)\/(\S+)/.exec(text) ?? [];
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = awsEnv;
  const client = new S3Client({ endpoint: service.url, region, credentials: { accessKeyId, secretAccessKey } });
  try {
    return await (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

scenario('a pass over the fleet leaves the report, and the digest says where it is', NEEDS, async (opened, check) => {
  const { world, until, isServed, settled } = await scheduled(opened, check);
  await until(isServed);
  const { host, functions } = world.service;
  const said = JSON.stringify(await host.invoke(functions().notify, { digest: 'now' }));
  let page: string | undefined;
  await until(async () => {
    page = await fetched(world, said);
    return page !== undefined;
  });
  check.match(page ?? '', /^<!doctype html>.*"id":"fleet\/shop"/s, 'the page that the digest names');
  await settled();
});

scenario('a deployment in mid-order finishes that order', NEEDS, async (opened, check) => {
  const { world, deploy, until, isServed, settled } = await scheduled(opened, check, { timeoutMs: 15_000 });
  const { host, functions } = world.service;
  await world.fault('dns', { kind: 'never-insync' });
  await until(() => hasLogged(world, 'order-created'));
  await deploy({ digest: { at: '09:00', timezone: 'Europe/Berlin' } });
  host.listen(true);
  check.equal(await isServed(), false, 'whether it was served before the zone was in sync');
  check.equal(host.environments(functions().issue).length, 0, 'environments of the former deployment');
  await world.calm('dns');
  await until(isServed);
  await settled();
});
