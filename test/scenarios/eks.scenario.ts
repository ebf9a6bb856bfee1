/** Clusters without a kubeconfig file: known to EKS, entered by a signed token; or by a kubeconfig that is kept as a secret. */
import { readFile } from 'node:fs/promises';
import { inventoryIn, type RunAnswer, runIn, theFinding } from './harness/answers.ts';
import { type FleetOptions, fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import type { Recorded } from './harness/recorder.ts';
import { scenario } from './harness/scenario.ts';
import { secretAt, servedAt } from './harness/served.ts';
import type { World } from './harness/world.ts';

const SECRET = secretAt('shop', 'shop-tls');

async function scene(world: World): Promise<void> {
  for (const { admin } of world.clusters) await admin.namespace('shop');
}

/** A certificate for each cluster; both are reached as `access` says. */
function fleetBy(world: World, access: FleetOptions['access'], reach?: FleetOptions['reach']): Promise<string> {
  const documents = world.clusters.map(({ name }) => {
    const secret = { kubernetesSecret: { clusters: [name], namespace: 'shop', name: 'shop-tls' } };
    return fleetCertificate(name, [`${name}.${world.zone.name}`], [secret]);
  });
  return writeFleet(world, { documents, ...(access ? { access } : {}), ...(reach ? { reach } : {}) });
}

const tokenOf = ({ requestHeaders }: Recorded): string => requestHeaders.authorization?.replace('Bearer ', '') ?? '';
const written = (answer: RunAnswer): readonly string[] =>
  answer.delivered.map(({ place, outcome }) => `${place} ${outcome}`).sort();
const BOTH = ['east/shop/shop-tls written', 'west/shop/shop-tls written'];

scenario(
  'a cluster that only EKS knows is read, and given its certificate',
  { isOfService: true },
  async (world, check) => {
    await scene(world);
    const [east, west] = world.clusters;
    const externalId = 'of-this-installation';
    const fleet = await fleetBy(world, {
      east: { eks: { ...east.eks, externalId } },
      west: { eks: { ...west.eks, externalId } },
    });
    const run = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    check.equal(run.code, 0, `the exit code of the run\n${run.stdout}\n${run.stderr}`);
    check.deepEqual(written(runIn(run)), BOTH, 'the places written');
    const served = await Promise.all(world.clusters.map((cluster) => servedAt(cluster, SECRET)));
    check.ok(
      served.every((one) => one?.keyFits),
      'both Secrets hold a pair that fits',
    );
    const seen = world.recorder.seen();
    const east401 = seen.filter(({ server, status }) => server === 'east' && status === 401);
    check.equal(east401.length, 0, 'refusals of the API server');
    const tokens = seen.filter(({ server }) => server === 'east').map(tokenOf);
    check.ok(
      tokens.length > 0 && tokens.every((token) => token.startsWith('k8s-aws-v1.')),
      'every request has a token',
    );
    const asked = seen
      .filter(({ operation }) => operation === 'sts AssumeRole')
      .map(({ requestBody }) => new URLSearchParams(requestBody.toString()));
    const said = asked.map((form) => `${form.get('RoleSessionName')} ${form.get('ExternalId')}`);
    const ours = new RegExp(`^nolapse-(cli|inventory|issue|deliver)-world ${externalId}$`);
    check.ok(
      said.length > 0 && said.every((one) => ours.test(one)),
      `the session and the external id of every role: ${said}`,
    );
    check.ok(
      [run.stdout, run.stderr].every((text) => !text.includes('k8s-aws-v1.')),
      'no token in the output',
    );
    const inventory = await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']);
    check.deepEqual(
      inventoryIn(inventory).sources.map(({ name, state }) => `${name} ${state}`),
      ['east ok', 'west ok', 'fleet ok'],
      'the sources of an inventory',
    );
  },
);

const FIX = /^create an access entry for .* in the EKS cluster east.*; where there is one, its role was deleted/;

/** A run that enters `east` so, in few words. */
async function entered(world: World, access: object, env: Readonly<Record<string, string>> = {}) {
  const fleet = await fleetBy(world, { east: { eks: access } });
  const result = await world.nolapse(['run', '--fleet', fleet, '-o', 'json'], { env });
  const answer = runIn(result);
  const findings = answer.findings.map((one) => `${one.severity} ${one.code} ${one.object.name}`);
  return {
    code: result.code,
    findings,
    fix: theFinding(answer.findings, 'source-down')?.fix ?? '',
    written: written(answer),
  };
}

scenario(
  'a token that a cluster of EKS does not take is one finding, and the others are served',
  { isOfService: true },
  async (world, check) => {
    await scene(world);
    const [{ eks, eksOfAnother }, west] = world.clusters;
    const { roleArn, ...byOurselves } = eks;
    for (const [what, access] of [
      ['of another cluster', eksOfAnother],
      ['of a role that is unknown', { ...eks, roleArn: roleArn.replace(/[^/]+$/, 'stranger') }],
    ] as const) {
      const { code, findings, fix } = await entered(world, access);
      check.equal(code, 1, `a token ${what}: the exit code`);
      check.deepEqual(findings, ['high source-down east'], `a token ${what}: the findings`);
      check.match(fix, FIX, `a token ${what}: the fix`);
    }
    check.ok((await servedAt(west, SECRET))?.keyFits, 'the other cluster has its certificate');
    const last = await entered(world, byOurselves);
    check.equal(last.code, 0, 'by no role but our own: the exit code');
    check.deepEqual(last.written, ['east/shop/shop-tls written'], 'by no role but our own: the places written');
  },
);

scenario(
  'a token with a wrong signature is not taken by a cluster of EKS',
  {
    isOfService: true,
    needs: ['one-process'],
    because: 'its keys are wrong, and those of functions are not ours to give',
  },
  async (world, check) => {
    await scene(world);
    const { roleArn: _, ...byOurselves } = world.clusters[0].eks;
    const { code, findings, fix } = await entered(world, byOurselves, { AWS_SECRET_ACCESS_KEY: 'guessed' });
    check.equal(code, 1, 'the exit code');
    check.deepEqual(findings, ['high source-down east'], 'the findings');
    check.match(fix, FIX, 'the fix');
  },
);

scenario(
  'a token of EKS that is refused is made anew, by a new session of its role',
  { isOfService: true },
  async (world, check) => {
    await scene(world);
    const [{ eks }] = world.clusters;
    const fleet = await fleetBy(world, { east: { eks } });
    await world.fault('eks', { kind: 'token-refused', count: 1 });
    const run = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    check.equal(run.code, 0, `the exit code\n${run.stdout}`);
    check.deepEqual(written(runIn(run)), BOTH, 'the places written');
    const east = world.recorder.seen().filter(({ server }) => server === 'east');
    const refused = east.find(({ status }) => status === 401);
    const taken = east.find(({ n, status }) => refused && n > refused.n && status === 200);
    check.ok(refused && taken, 'a request was refused, and a later one was not');
    const keyOf = (one: Recorded | undefined): string =>
      /X-Amz-Credential=([^%]+)/.exec(Buffer.from((one ? tokenOf(one) : '').slice(11), 'base64url').toString())?.[1] ??
      '';
    const last = east.at(-1);
    check.ok(keyOf(last) !== '' && keyOf(last) !== keyOf(refused), 'the token in the end is of another session');
  },
);

scenario(
  'a cluster is reached by a kubeconfig that is kept as a secret, from a network of its own',
  { isOfService: true },
  async (world, check) => {
    await scene(world);
    const [east] = world.clusters;
    await world.secretsManager.put('nolapse/east', await readFile(world.kubeconfigPath, 'utf8'));
    const kubeconfig = { secretId: 'nolapse/east', context: east.context };
    const network = {
      name: 'corp',
      vpcId: 'vpc-0123456789abcdef0',
      subnetIds: ['subnet-01234567'],
      securityGroupIds: ['sg-01234567'],
    };
    const reach = { networks: [network], of: { east: network.name } };
    const fleet = await fleetBy(world, { east: { kubeconfig } }, reach);
    const run = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    check.equal(run.code, 0, `the exit code\n${run.stdout}`);
    check.deepEqual(written(runIn(run)), BOTH, 'the places written');
    const gone = { east: { kubeconfig: { ...kubeconfig, secretId: 'nolapse/gone' } } };
    const lost = await world.nolapse(['inventory', '--fleet', await fleetBy(world, gone), '-o', 'json']);
    const { findings } = inventoryIn(lost);
    check.match(
      theFinding(findings, 'source-down')?.message ?? '',
      /there is no secret nolapse\/gone/,
      'without its secret',
    );
  },
);
