/** What is in other accounts: clusters, a zone and the keys of private CAs, each reached by what its owners were told to make. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runIn } from './harness/answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { secretAt, servedAt } from './harness/served.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World, WorldCluster } from './harness/world.ts';

const at = (name: string) => ({ namespace: 'shop', name });
const inSecret = (cluster: string, name: string) => ({ kubernetesSecret: { clusters: [cluster], ...at(name) } });

/** Long enough for all that it signs. */
const A_CA = { isCA: true, notAfter: new Date(Date.now() + 3_650 * 86_400_000) };

/** An issuer in the cluster that signs with the key of a Secret there, and what it is asked for. */
async function ownCa({ admin, name }: WorldCluster, zone: string): Promise<void> {
  await admin.namespace('shop');
  await admin.create(tlsSecret(at('ca'), await selfSignedPair([`ca.${name}`], A_CA)));
  const apiVersion = 'cert-manager.io/v1';
  await admin.create({ apiVersion, kind: 'Issuer', metadata: at('ca'), spec: { ca: { secretName: 'ca' } } });
  const issuerRef = { name: 'ca', kind: 'Issuer' };
  const spec = { secretName: 'internal', dnsNames: [`internal.${zone}`], issuerRef };
  await admin.create({ apiVersion, kind: 'Certificate', metadata: at('internal'), spec } satisfies Manifest);
}

/** A ClusterIssuer of the file whose key is a secret of whoever runs Nolapse. */
async function fleetCa({ folder }: World): Promise<object> {
  const { certPem, keyPem } = await selfSignedPair(['corp'], A_CA);
  const secret = join(folder, 'state/secrets/corp-ca');
  await mkdir(secret, { recursive: true, mode: 0o700 });
  for (const [key, text] of Object.entries({ 'tls.crt': certPem, 'tls.key': keyPem }))
    await writeFile(join(secret, key), text, { mode: 0o600 });
  const metadata = { name: 'corp' };
  return { apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata, spec: { ca: { secretName: 'corp-ca' } } };
}

scenario(
  'clusters, a zone and private CAs of other accounts serve whom their owners let in',
  { isOfService: true },
  async (world, check) => {
    const [east, west] = world.clusters;
    for (const cluster of world.clusters) await ownCa(cluster, world.zone.name);
    const foreign = { name: `_acme-challenge.shop.${world.zone.name}`, type: 'TXT', ttl: 77, values: ['"theirs"'] };
    await world.zone.addForeign(foreign);
    const zone = await world.zone.snapshot();
    const { roleArn: _, ...byOurselves } = west.eks;
    const shop = fleetCertificate('shop', [`shop.${world.zone.name}`], [inSecret('east', 'shop')]);
    const corp = fleetCertificate('corp', [`corp.${world.zone.name}`], [inSecret('west', 'corp')]);
    const certificate = { ...corp.spec.certificate, issuerRef: { name: 'corp', kind: 'ClusterIssuer' as const } };
    const fleet = await writeFleet(world, {
      access: { east: { eks: { ...east.eks, externalId: 'of-east' } }, west: { eks: byOurselves } },
      zone: { roleArn: 'arn:aws:iam::222222222222:role/nolapse-acme-dns', externalId: 'of-dns' },
      documents: [await fleetCa(world), shop, { ...corp, spec: { ...corp.spec, certificate } }],
    });
    const run = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    check.equal(run.code, 0, `the exit code\n${run.stdout}\n${run.stderr}`);
    check.deepEqual(
      runIn(run)
        .delivered.map(({ place, outcome }) => `${place} ${outcome}`)
        .sort(),
      ['east/shop/internal written', 'east/shop/shop written', 'west/shop/corp written', 'west/shop/internal written'],
      'the places written',
    );
    const served = await Promise.all(world.clusters.map((one) => servedAt(one, secretAt('shop', 'internal'))));
    check.deepEqual(
      served.map((one) => one?.leaf.issuer),
      ['CN=ca.east', 'CN=ca.west'],
      'who signed what each cluster asks for',
    );
    check.equal(await world.zone.snapshot(), zone, 'the value of somebody else, alone in the zone again');
  },
);
