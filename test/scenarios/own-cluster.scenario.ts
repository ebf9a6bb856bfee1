/** The page docs/own-cluster.md, walked by somebody who has a cluster, a kubeconfig and a profile: eight commands, one line of YAML changed. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Prompt, promptsIn, shellWords } from '../docs/code-in-documents.ts';
import { blocksOf, checkSaid } from './harness/page.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { secretAt, servedFrom, writesSince } from './harness/served.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World } from './harness/world.ts';

const PAGE = 'docs/own-cluster.md';
const CONTEXT = 'prod';
const ZONE_ON_PAGE = 'Z0123456789ABCDEFGHIJ';
const MOST_COMMANDS = 8;
const MOST_LINES = 25;

const daysFromNow = (days: number): Date => new Date(Date.now() + days * 86_400_000);

const ingress: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { namespace: 'shop', name: 'shop', annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' } },
  spec: {
    tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }],
    rules: [
      {
        host: 'shop.example.com',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'shop', port: { number: 80 } } } }],
        },
      },
    ],
  },
};

/** As for Let's Encrypt by HTTP-01, at the addresses of this world. */
const issuer = ({ acme: { directory: server, profile, caPem }, staging }: World): Manifest => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'ClusterIssuer',
  metadata: { name: 'letsencrypt', annotations: { 'nolapse.dev/staging-server': staging?.directory ?? '' } },
  spec: {
    acme: {
      ...{ server, profile, caBundle: Buffer.from(caPem).toString('base64'), email: 'platform@example.com' },
      privateKeySecretRef: { name: 'letsencrypt-account-key' },
      solvers: [{ http01: { ingress: { ingressClassName: 'nginx' } } }],
    },
  },
});

async function scene(world: World): Promise<void> {
  const [{ admin }] = world.clusters;
  for (const namespace of ['shop', 'billing']) await admin.namespace(namespace);
  const byHand = await selfSignedPair(['shop.example.com'], {
    notBefore: daysFromNow(-78),
    notAfter: daysFromNow(12.02),
  });
  await admin.create(tlsSecret({ namespace: 'shop', name: 'shop-tls' }, byHand), 'kubectl-create');
  const ofHelm = await selfSignedPair(['billing.example.com'], {
    notBefore: daysFromNow(-20),
    notAfter: daysFromNow(69.5),
  });
  await admin.create(tlsSecret({ namespace: 'billing', name: 'billing-tls' }, ofHelm), 'helm');
  await admin.create(ingress);
  await admin.create(issuer(world));
}

/** The cluster as the context `prod` of `~/.kube/config`, and the profile `dns` of somebody whom no fleet knows. */
async function home({ clusters: [cluster], kubeconfigPath, folder }: World): Promise<Readonly<Record<string, string>>> {
  const config = JSON.parse(await readFile(kubeconfigPath, 'utf8'));
  const context = config.contexts.find(({ name }: { name: string }) => name === cluster.context);
  await mkdir(join(folder, '.kube'));
  const contexts = [{ ...context, name: CONTEXT }];
  await writeFile(join(folder, '.kube/config'), JSON.stringify({ ...config, contexts, 'current-context': CONTEXT }));
  await mkdir(join(folder, '.aws'));
  const key = ['aws_access_key_id = AKIAIOSFODNN7EXAMPLE', 'aws_secret_access_key = of-somebody'];
  await writeFile(join(folder, '.aws/config'), ['[profile dns]', 'region = eu-west-1', ...key, ''].join('\n'));
  return { AWS_PROFILE: 'dns', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', KUBECONFIG: '' };
}

interface Walk {
  readonly world: World;
  readonly check: Check;
  readonly env: Readonly<Record<string, string>>;
}

const fleetOf = ({ folder }: World): string => join(folder, 'fleet.yaml');

/** One command, typed in the folder where the fleet file is. `npm run demo` is a world of its own. */
async function type({ command, answer }: Prompt, { world, check, env }: Walk): Promise<void> {
  const words = shellWords(command);
  const args = words[0] === 'npm' ? ['demo'] : words.slice(1);
  const said = await world.nolapse(args, { state: 'none', env });
  const here = answer.map((line) => line.replaceAll(ZONE_ON_PAGE, world.zone.id));
  checkSaid(said, { command, answer: here }, check);
}

/** The file is the one of the page, but for the zone's id; its name servers are where this world has them. */
async function checkDraft(text: string, { world, check }: Walk): Promise<void> {
  const path = fleetOf(world);
  const drafted = await readFile(path, 'utf8');
  check.equal(drafted.replaceAll(world.zone.id, ZONE_ON_PAGE), text, 'the fleet file that init wrote');
  check.ok(drafted.trimEnd().split('\n').length <= MOST_LINES, `the fleet file has at most ${MOST_LINES} lines`);
  await writeFile(path, `${drafted}  dns: ${JSON.stringify(world.dns)}\n`);
}

async function edit(diff: string, { world, check }: Walk): Promise<void> {
  const [before = '', after = ''] = ['-', '+'].map((sign) =>
    diff
      .split('\n')
      .find((line) => line.startsWith(sign))
      ?.slice(1),
  );
  const text = await readFile(fleetOf(world), 'utf8');
  check.ok(text.includes(before), `the fleet file has the line ${before}`);
  await writeFile(fleetOf(world), text.replace(before, after));
}

const secretsOf = ({ clusters: [{ admin }] }: World) =>
  Promise.all([admin.get(secretAt('shop', 'shop-tls')), admin.get(secretAt('billing', 'billing-tls'))]);

/** Writes by server, but for the CA's and the zone's: those of the rehearsal are its purpose. */
const inClusters = (world: World, mark: number): readonly string[] =>
  writesSince(world, mark).filter((write) => /^(east|west) /.test(write));

scenario(
  'the page of one’s own cluster does what it says, from the README to leave',
  { staging: true, needs: ['one-process'], because: 'a kubeconfig is on a machine' },
  async (world, check) => {
    await scene(world);
    const walk = { world, check, env: await home(world) };
    const [mark, zone] = [world.recorder.mark(), await world.zone.snapshot()];
    const [, billing] = await secretsOf(world);
    const typed: string[] = [];
    for (const { language, text } of await blocksOf(PAGE)) {
      if (language === 'yaml') await checkDraft(text, walk);
      if (language === 'diff') {
        check.deepEqual(inClusters(world, mark), [], 'what was written to clusters before the namespace is in manage');
        check.equal(await world.zone.snapshot(), zone, 'the zone after the rehearsal');
        await edit(text, walk);
      }
      if (language !== 'console') continue;
      for (const prompt of promptsIn(text)) {
        await type(prompt, walk);
        typed.push(prompt.command);
      }
    }
    check.ok(typed.length <= MOST_COMMANDS, `at most ${MOST_COMMANDS} commands`);
    const readme = (await blocksOf('README.md')).flatMap(({ text }) => text.split('\n'));
    const lacking = typed.filter(
      (command) => !readme.some((line) => line.startsWith(command.replace(/^nolapse/, 'npm run -s nolapse --'))),
    );
    check.deepEqual(lacking, [], 'commands of the page that the README does not have');
    const [shop, after] = await secretsOf(world);
    check.equal(await world.zone.snapshot(), zone, 'the zone');
    check.deepEqual(after, billing, 'the Secret of somebody else');
    const served = servedFrom(shop);
    check.deepEqual([served?.names, served?.keyFits], [['shop.example.com'], true], 'what the Secret holds');
    check.ok(Date.parse(served?.leaf.validTo ?? '') > daysFromNow(80).getTime(), 'it is a new one');
    const ours = Object.keys(shop?.metadata.annotations ?? {}).filter((key) => key.startsWith('nolapse.dev/'));
    check.deepEqual(ours, [], 'what of ours is left on it');
  },
);
