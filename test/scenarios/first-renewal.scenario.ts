/** The page docs/first-renewal.md, walked: its fleet files and its commands in their order, and every line of answer that it shows. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { promptsIn, shellWords } from '../docs/code-in-documents.ts';
import { blocksOf, checkSaid } from './harness/page.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { secretAt, servedAt } from './harness/served.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World } from './harness/world.ts';

const DAY_MS = 86_400_000;
const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY_MS);

const INGRESS = '/apis/networking.k8s.io/v1/namespaces/shop/ingresses';

/** An Ingress, and its Secret that somebody made by hand and that runs out. */
async function scene({ clusters: [{ admin }] }: World): Promise<void> {
  await admin.namespace('shop');
  const pair = await selfSignedPair(['shop.example.com'], {
    notBefore: daysFromNow(-78),
    notAfter: daysFromNow(12.02),
  });
  await admin.create(tlsSecret({ namespace: 'shop', name: 'shop-tls' }, pair), 'kubectl-create');
  const backend = { service: { name: 'shop', port: { number: 80 } } };
  const ingress: Manifest = {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { namespace: 'shop', name: 'shop' } },
    spec: {
      tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }],
      rules: [{ host: 'shop.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
  await admin.create(ingress);
}

interface Fleetish {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: object };
  readonly spec: Record<string, unknown>;
}

/** The page's documents with the addresses of this world; everything else is as written. */
function here(world: World, document: Fleetish): Fleetish {
  const { spec } = document;
  if (document.kind === 'ClusterIssuer') {
    const { directory: server, profile, caPem } = world.acme;
    const caBundle = Buffer.from(caPem).toString('base64');
    const annotations = { 'nolapse.dev/staging-server': world.staging?.directory };
    const acme = { ...(spec.acme as object), server, profile, caBundle };
    return { ...document, metadata: { ...document.metadata, annotations }, spec: { acme } };
  }
  const [cluster] = spec.clusters as readonly object[];
  const zones = [{ name: world.zone.name, hostedZoneId: world.zone.id }];
  const notifications = { sns: { topicArn: world.queue.topicArn } };
  const clusters = [{ ...cluster, eks: world.clusters[0].eks }];
  return { ...document, spec: { ...spec, clusters, zones, notifications, dns: world.dns } };
}

/** `kubectl annotate` as it is written on the page. */
async function annotate({ clusters: [{ admin }] }: World, words: readonly string[], check: Check): Promise<void> {
  const [, resource = '', name = '', pair = ''] = words.slice(words.indexOf('annotate'));
  check.equal(resource, 'ingress', 'what is annotated');
  const [key = '', value] = pair.split('=');
  const text = JSON.stringify({ metadata: { annotations: { [key]: value } } });
  const { status } = await admin.request('PATCH', `${INGRESS}/${name}`, {
    type: 'application/merge-patch+json',
    text,
  });
  check.equal(status, 200, 'the answer to the annotation');
}

scenario(
  'the page of the first renewal does what it says',
  { isOfService: true, staging: true },
  async (world, check) => {
    await scene(world);
    const documents = new Map<string, Fleetish>();
    const path = join(world.folder, 'fleet.yaml');
    let commands = 0;
    for (const { language, text } of await blocksOf('docs/first-renewal.md')) {
      if (language === 'yaml') {
        for (const parsed of parseAllDocuments(text)) {
          const document = here(world, parsed.toJS() as Fleetish);
          documents.set(document.kind, document);
        }
        await writeFile(path, [...documents.values()].map((document) => `${JSON.stringify(document)}\n`).join('---\n'));
      }
      if (language !== 'console') continue;
      for (const { command, answer } of promptsIn(text)) {
        const [program, ...args] = shellWords(command);
        if (program === 'kubectl') await annotate(world, args, check);
        else {
          const at = args.indexOf('--service');
          const said = await world.nolapse(args.with(at, '--fleet').with(at + 1, path));
          checkSaid(said, { command, answer }, check);
          commands += 1;
        }
      }
    }
    check.equal(commands, 9, 'commands of the page');
    const served = await servedAt(world.clusters[0], secretAt('shop', 'shop-tls'));
    check.ok(
      served?.keyFits && served.leaf.subjectAltName?.includes('shop.example.com'),
      'the Secret holds a new pair',
    );
  },
);
