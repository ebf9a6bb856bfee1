/** A cluster without a kubeconfig file: by EKS, as a role, through changes of its address and roots; and by the text of a secret. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EksTold } from '../../../../sandbox/aws/eks.ts';
import type { KubernetesReady } from '../../../../sandbox/kubernetes/config.ts';
import { startKubernetes } from '../../../../sandbox/kubernetes/server.ts';
import { type SpawnedPart, spawnPart } from '../../../../sandbox/spawn.ts';
import { kubernetesClusterReader } from '../../../../shared/adapters/kubernetes/kubernetes-cluster-reader.ts';
import type { ClusterConnection } from '../../../../shared/adapters/kubernetes/kubernetes-transport.ts';
import type { EksAccess } from '../../../../shared/contract/fleet.ts';
import { type AwsWorld, openAws } from '../aws/world.ts';
import { backDoor, CLUSTER_CONFIG, type ClusterWorld, openCluster } from './world.ts';

const ROLE = 'arn:aws:iam::111111111111:role/nolapse-prod';
const ACCESS: EksAccess = { by: 'eks', clusterName: 'prod', region: 'eu-west-1', roleArn: ROLE };
const accessEntries = [{ principalArn: ROLE, username: 'admin', groups: ['system:masters'] }];

let aws: AwsWorld;
let world: ClusterWorld;
/** A server with roots of its own: all of one process have the same. */
let other: SpawnedPart<KubernetesReady>;
let mark = 0;

type Told = Partial<EksTold['clusters'][number]>;

/** What EKS says of the cluster from now on. */
async function tell(told: Told = {}): Promise<void> {
  const { server: endpoint, caPem } = world.ready;
  const clusters = [{ name: 'prod', endpoint, caPem, accessEntries, ...told }];
  await fetch(`${aws.url}/_sandbox/eks`, { method: 'POST', body: JSON.stringify({ clusters }) });
}

/** What AWS was asked since the test began, in few words. */
const asked = async (): Promise<readonly string[]> => (await aws.requests()).slice(mark).map(({ kind }) => kind);
const times = async (kind: string): Promise<number> => (await asked()).filter((one) => one === kind).length;
const uid = (connection: ClusterConnection): Promise<string> => kubernetesClusterReader(connection).uid();
const reviewOf = (name: string): object => ({ url: `${aws.url}/_sandbox/eks/token-review/${name}` });

beforeAll(async () => {
  aws = await openAws();
  world = await openCluster();
  other = await spawnPart<KubernetesReady>('kubernetes', CLUSTER_CONFIG);
  await world.admin('POST', '/_sandbox/token-review', reviewOf('prod'));
  await backDoor(other.ready)('POST', '/_sandbox/token-review', reviewOf('prod'));
});
beforeEach(async () => {
  mark = (await aws.requests()).length;
  await tell();
});
afterEach(async () => {
  await aws.mend();
  await world.clearFaults();
});
afterAll(async () => {
  await other.close();
  await world.close();
  await aws.close();
});

describe('an EKS cluster', () => {
  test('is read as its role, at the address and by the roots that EKS tells', async () => {
    const connection = await world.reach(ACCESS, { sessionName: 'nolapse-deliver-acme' });
    expect(await asked()).toEqual([]);
    expect([await uid(connection), await uid(connection)]).toEqual([world.ready.uid, world.ready.uid]);
    expect((await world.seen()).at(-1)?.user).toBe('admin');
    expect((await asked()).toSorted()).toEqual(['eks DescribeCluster', 'sts AssumeRole', 'sts AssumeRole']);
  });

  test('is given a new token, of a new session, when it refuses one', async () => {
    await aws.fault({ kind: 'token-refused', count: 1 });
    const connection = await world.reach(ACCESS);
    expect(await uid(connection)).toBe(world.ready.uid);
    expect(await times('sts AssumeRole')).toBe(3);
  });

  test.each([
    ['a role without an access entry', { ...ACCESS, roleArn: `${ROLE}-2` }, new RegExp(`for ${ROLE}-2 in the EKS`)],
    [
      'an identity without one',
      { by: 'eks', clusterName: 'prod', region: 'eu-west-1' } as const,
      /that Nolapse runs as/,
    ],
  ])('that does not know us says what is to be done: %s', async (_, access, fix) => {
    await expect(uid(await world.reach(access))).rejects.toMatchObject({
      problem: {
        type: 'kubernetes:Unauthorized',
        retry: 'later',
        fix: expect.stringMatching(/^create an access entry .*deleted and made again/),
      },
    });
    await expect(uid(await world.reach(access))).rejects.toMatchObject({
      problem: { fix: expect.stringMatching(fix) },
    });
  });

  test('whose API server takes the tokens of another cluster does not know us', async () => {
    await world.admin('POST', '/_sandbox/token-review', reviewOf('other'));
    await expect(uid(await world.reach(ACCESS))).rejects.toMatchObject({ problem: { status: 401 } });
    await world.admin('POST', '/_sandbox/token-review', reviewOf('prod'));
  });

  test('that EKS does not know is said with what may be wrong', async () => {
    await expect(uid(await world.reach({ ...ACCESS, clusterName: 'prd' }))).rejects.toMatchObject({
      problem: {
        type: 'aws:ResourceNotFoundException',
        detail: `asking for the address of the EKS cluster prd in eu-west-1 as ${ROLE}: No cluster found for name: prd.`,
        retry: 'never',
        fix: expect.stringMatching(/^correct clusterName and region/),
      },
    });
  });

  test.each([
    ['a role that may not be assumed', { service: 'sts' }, /sts:AssumeRole/],
    ['DescribeCluster that is not allowed', { operation: 'DescribeCluster' }, /eks:DescribeCluster/],
  ])('is not read with %s', async (_, where, fix) => {
    await aws.fault({ kind: 'access-denied', ...where });
    await expect(uid(await world.reach(ACCESS))).rejects.toMatchObject({
      problem: { type: expect.stringMatching(/^aws:AccessDenied/), fix: expect.stringMatching(fix) },
    });
  });

  test.each([
    ['an address without TLS', { endpoint: 'http://127.0.0.1:1' }],
    ['no roots', { caPem: '' }],
  ])('is given no token at %s', async (_, told) => {
    await tell(told);
    const before = (await world.seen()).length;
    await expect(uid(await world.reach(ACCESS))).rejects.toMatchObject({
      problem: { type: 'nolapse:eks-cluster', retry: 'later', detail: expect.stringContaining('ACTIVE') },
    });
    expect((await world.seen()).length).toBe(before);
  });

  test('with other roots than EKS tells is trusted no more than any other server', async () => {
    await tell({ caPem: other.ready.caPem });
    await expect(uid(await world.reach(ACCESS))).rejects.toMatchObject({
      problem: {
        type: 'kubernetes:Unreachable',
        detail: expect.stringContaining('its TLS certificate is not trusted'),
        fix: expect.stringMatching(/^let nothing break up TLS/),
      },
    });
  });
});

describe('an EKS cluster that changes', () => {
  test('is found again when its roots and its address are others', async () => {
    const connection = await world.reach(ACCESS);
    expect(await uid(connection)).toBe(world.ready.uid);
    await tell({ endpoint: other.ready.server, caPem: other.ready.caPem });
    await world.fault({ kind: 'down' });
    expect(await uid(connection)).toBe(other.ready.uid);
    expect(await times('eks DescribeCluster')).toBe(2);
  });

  test('and is away is looked for once, not at each try', async () => {
    const connection = await world.reach(ACCESS);
    await uid(connection);
    await world.fault({ kind: 'down' });
    for (const _ of [1, 2])
      await expect(uid(connection)).rejects.toMatchObject({ problem: { type: 'kubernetes:Unreachable' } });
    expect(await times('eks DescribeCluster')).toBe(2);
    await world.clearFaults();
    expect(await uid(connection)).toBe(world.ready.uid);
    await world.fault({ kind: 'down', count: 1 });
    expect(await uid(connection)).toBe(world.ready.uid);
    expect(await times('eks DescribeCluster')).toBe(3);
  });

  test('while EKS does not answer is asked where it was', async () => {
    const connection = await world.reach(ACCESS);
    await uid(connection);
    await aws.fault({ kind: 'access-denied', service: 'eks' });
    await world.fault({ kind: 'down', count: 1 });
    expect(await uid(connection)).toBe(world.ready.uid);
    expect(await times('eks DescribeCluster')).toBe(2);
  });
});

describe('a kubeconfig in a secret', () => {
  const text = (user: object, server = world.ready.server): string =>
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [
        {
          name: 'c',
          cluster: { server, 'certificate-authority-data': Buffer.from(world.ready.caPem).toString('base64') },
        },
      ],
      users: [{ name: 'u', user }],
    });
  const reach = (user: object, server?: string) =>
    world.reach(
      { by: 'secret', secretId: 'nolapse/edge' },
      { allowExec: true, readSecretText: async (id) => (id === 'nolapse/edge' ? text(user, server) : '') },
    );

  test('is read from where the fleet says', async () => {
    expect(await uid(await reach({ token: 'admin-token' }))).toBe(world.ready.uid);
  });

  test('is read anew, once, when what it said is refused', async () => {
    const texts = ['an old token', 'an older one', 'admin-token'].map((token) => text({ token }));
    const readSecretText = async (): Promise<string> => texts.shift() ?? '';
    const connection = await world.reach({ by: 'secret', secretId: 's' }, { readSecretText });
    await expect(uid(connection)).rejects.toMatchObject({
      problem: { status: 401, fix: expect.stringContaining('renew the credentials of the context of prod') },
    });
    expect(texts).toHaveLength(1);
    expect(await uid(connection)).toBe(world.ready.uid);
  });

  const get = (...more: string[]) => ({
    command: 'aws',
    args: ['eks', 'get-token', '--cluster-name', 'prod', ...more],
  });
  const EKS_SERVER = 'https://ABC.gr7.eu-west-1.eks.amazonaws.com';

  test.each([
    ['a plugin, even where plugins are allowed', { command: 'get-me-in' }, undefined],
    ['an EKS token for a host that is not EKS', get('--region', 'eu-west-1'), undefined],
    ['an EKS token of a profile of this machine', get('--profile', 'boss'), EKS_SERVER],
  ])('never asks for %s', async (_, exec, server) => {
    await expect(reach({ exec }, server)).rejects.toMatchObject({
      problem: {
        type: 'nolapse:exec-not-allowed',
        detail: expect.stringContaining('kubeconfig in the secret nolapse/edge, context c'),
        fix: expect.stringContaining('name the cluster by eks: in the fleet file'),
      },
    });
  });

  test.each([EKS_SERVER, 'https://abc.eks-cluster.eu-west-1.api.aws', 'https://x.y.cn-north-1.eks.amazonaws.com.cn'])(
    'may ask for an EKS token for %s',
    async (server) => {
      await expect(reach({ exec: get() }, server)).resolves.toMatchObject({ cluster: 'prod' });
    },
  );
});

test('a cluster that never was is not asked of EKS again and again', async () => {
  const gone = await startKubernetes(CLUSTER_CONFIG);
  await tell({ endpoint: gone.ready.server, caPem: gone.ready.caPem });
  await gone.close();
  const connection = await world.reach(ACCESS);
  await expect(uid(connection)).rejects.toMatchObject({ problem: { type: 'kubernetes:Unreachable' } });
  expect(await times('eks DescribeCluster')).toBe(2);
});
