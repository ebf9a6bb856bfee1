/** What is wrong in a fleet file, in a cluster or on the command line is said once and clearly, and stops nothing else. */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { findingsAbout, inventoryIn, runIn } from './harness/answers.ts';
import { fleetCertificate, ISSUER, writeFleet } from './harness/fleet-file.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World } from './harness/world.ts';

const NAMESPACE = 'shop';

const idsIn = (of: readonly { readonly id: string }[]): readonly string[] => of.map(({ id }) => id);

interface Problem {
  readonly where: string;
  readonly message: string;
  readonly fix?: string;
}
interface ErrorAnswer {
  readonly error: { readonly message: string; readonly problems: readonly Problem[] };
}

const east = { kubernetesSecret: { clusters: ['east'], namespace: NAMESPACE, name: 'shop-tls' } };
const shop = (change: object) => {
  const document = fleetCertificate('shop', ['shop.example.com'], [east]);
  const certificate = { ...document.spec.certificate, ...change };
  return { ...document, spec: { ...document.spec, certificate } };
};

/** One wrong document each, and what is said of it: what was found, what is allowed, what to do. */
const WRONG_DOCUMENTS: Readonly<Record<string, { readonly document: object; readonly says: RegExp }>> = {
  'an unknown key': {
    document: shop({ dnsName: ['shop.example.com'] }),
    says: /unknown key "dnsName"; allowed: .*did you mean dnsNames\?/s,
  },
  'a wrong duration': { document: shop({ duration: '90d' }), says: /"90d" is no duration: unknown unit "d" .*2160h/s },
  'a name outside the zones': {
    document: shop({ dnsNames: ['shop.example.org'] }),
    says: /"shop\.example\.org" lies in no zone of the fleet.*zones: example\.com.*add its zone to spec\.zones/s,
  },
  'an issuer that does not exist': {
    document: shop({ issuerRef: { name: 'world-cb', kind: 'ClusterIssuer' } }),
    says: /world-cb.*world-ca/s,
  },
  'a cluster that does not exist': {
    document: fleetCertificate(
      'shop',
      ['shop.example.com'],
      [{ kubernetesSecret: { clusters: ['eats'], namespace: NAMESPACE, name: 'shop-tls' } }],
    ),
    says: /there is no cluster "eats" in this fleet; it has: east, west/,
  },
};

const FLATTENED = `---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
name: flat
namespace: shop
spec:
secretName: flat-tls
dnsNames:
- flat.example.com
issuerRef:
name: world-ca
kind: ClusterIssuer
`;

const textOf = (problems: readonly Problem[]): string =>
  problems.map(({ where, message, fix = '' }) => `${where}: ${message} (${fix})`).join('\n');

async function refused(world: World, fleet: string, { check, says }: { check: Check; says: readonly RegExp[] }) {
  const result = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  check.equal(result.code, 2, `${fleet}: the exit code`);
  const { problems } = (result.json() as ErrorAnswer).error;
  for (const { where } of problems) check.match(where, /fleet-\w+\.yaml:\d+:\d+$/, `${fleet}: file, line and column`);
  for (const words of says) {
    check.match(textOf(problems), words, `${fleet}: the answer`);
    check.match(result.stderr, words, `${fleet}: what people read`);
  }
}

scenario('a wrong fleet file is refused before any server is asked', {}, async (world, check) => {
  const mark = world.recorder.mark();
  const wrong = Object.values(WRONG_DOCUMENTS);
  for (const [i, { document, says }] of wrong.entries()) {
    const fleet = await writeFleet(world, { documents: [document], file: `fleet-${i}.yaml` });
    await refused(world, fleet, { check, says: [says] });
  }
  const flat = await writeFleet(world, { file: 'fleet-flat.yaml' });
  await appendFile(flat, FLATTENED);
  await refused(world, flat, { check, says: [/this Certificate has lost its indentation: .*indent it again:/s] });
  const all = await writeFleet(world, { documents: wrong.map(({ document }) => document), file: 'fleet-all.yaml' });
  await refused(world, all, { check, says: wrong.map(({ says }) => says) });
  check.deepEqual(world.recorder.seen(mark), [], 'requests to any server');
});

/** Wrong command lines, and what is said of them. */
const WRONG_ARGUMENTS: readonly (readonly [readonly string[], RegExp])[] = [
  [['run', '--fleet', 'nowhere.yaml'], /nowhere\.yaml/],
  [['run', '--deadline', '10'], /--deadline/],
  [['run', '--deadlin', '10m'], /--deadlin.*--deadline/s],
  [['inventory', '--fail-on', 'hihg'], /"hihg" is not allowed; it is one of .*did you mean high/s],
  [['renwe', 'shop'], /renwe.*renew/s],
];

scenario(
  'a wrong command line is answered with exit code 2, as JSON where that was asked for',
  {},
  async (world, check) => {
    for (const [args, says] of WRONG_ARGUMENTS) {
      const what = args.join(' ');
      const result = await world.nolapse([...args, '-o', 'json']);
      check.equal(result.code, 2, `${what}: the exit code`);
      check.match(textOf((result.json() as ErrorAnswer).error.problems), says, `${what}: the answer`);
    }
  },
);

const certificate = (name: string, spec: object = {}): Manifest => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { namespace: NAMESPACE, name },
  spec: { secretName: `${name}-tls`, dnsNames: [`${name}.example.com`], issuerRef: ISSUER, ...spec },
});

/** Certificates of a cluster that nothing can be issued for: `severity code` of the finding and what it says. */
const WRONG_WISHES: readonly { readonly wish: Manifest; readonly finding: string; readonly says: RegExp }[] = [
  {
    wish: certificate('no-issuer', { issuerRef: { name: 'absent', kind: 'ClusterIssuer' } }),
    finding: 'high issuer-not-found',
    says: /there is no ClusterIssuer absent/,
  },
  {
    wish: certificate('no-zone', { dnsNames: ['shop.example.org'] }),
    finding: 'high challenge-impossible',
    says: /"shop\.example\.org" lies in no zone of the fleet/,
  },
  {
    wish: certificate('no-policy', { dnsNames: ['deep.inside.example.com'] }),
    finding: 'high name-not-allowed',
    says: /the name policy of east does not allow deep\.inside\.example\.com in the namespace shop/,
  },
  {
    wish: certificate('no-duration', { duration: '90d' }),
    finding: 'warning unreadable',
    says: /spec\.duration: "90d" is no duration: unknown unit "d" \(h, m, s, ms; 90d is 2160h\)/,
  },
];

scenario('a zone that Route 53 does not have stops the names in it alone', {}, async (world, check) => {
  await world.clusters[0].admin.namespace(NAMESPACE);
  const document = (name: string, dnsName: string) => {
    const at = { kubernetesSecret: { clusters: ['east'], namespace: NAMESPACE, name: `${name}-tls` } };
    return fleetCertificate(name, [dnsName], [at]);
  };
  const documents = [document('lost', 'shop.example.net'), document('good', 'shop.example.com')];
  const fleet = await writeFleet(world, { documents });
  const missing = '{ "name": "example.net", "hostedZoneId": "Z0NOWHERE0000000001" },';
  await writeFile(fleet, (await readFile(fleet, 'utf8')).replace('"zones": [', `$& ${missing}`));
  const result = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  const { renewed, failed } = runIn(result);
  check.equal(result.code, 3, 'the exit code');
  check.deepEqual(idsIn(renewed), ['fleet/good'], 'what was renewed');
  check.deepEqual(
    failed.map(({ id, stage, problem }) => `${id} ${stage} ${problem.type}`),
    ['fleet/lost issue aws:NoSuchHostedZone'],
    'what failed',
  );
  check.match(failed[0]?.problem.detail ?? '', /Z0NOWHERE0000000001/, 'what is said of it');
});

scenario('what cannot be issued is a finding each, and the others are renewed', {}, async (world, check) => {
  const [{ admin }, west] = world.clusters;
  await admin.namespace(NAMESPACE);
  for (const { wish } of WRONG_WISHES) await admin.create(wish);
  await admin.create(certificate('good'));
  const both = { kubernetesSecret: { clusters: ['east', 'west'], namespace: NAMESPACE, name: 'both-tls' } };
  const fleet = await writeFleet(world, {
    contexts: { west: west.contextUnknown },
    namePolicy: [{ namespaces: ['*'], names: ['*.example.com', 'shop.example.org'] }],
    documents: [fleetCertificate('both', ['both.example.com'], [both])],
  });
  const zone = await world.zone.snapshot();

  const first = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  const { renewed, delivered, failed, findings } = runIn(first);
  check.equal(first.code, 3, 'the exit code of a run in which a delivery failed');
  check.deepEqual([...idsIn(renewed)].sort(), ['east/shop/good', 'fleet/both'], 'what was renewed');
  const places = delivered.map(({ place }) => place).sort();
  check.deepEqual(places, ['east/shop/both-tls', 'east/shop/good-tls'], 'where it was delivered');
  const failures = failed.map(({ id, stage, problem }) => `${id} ${stage} ${problem.type}`);
  check.deepEqual(failures, ['fleet/both deliver kubernetes:Unauthorized'], 'what failed');
  for (const { wish, finding, says } of WRONG_WISHES) {
    const { name } = wish.metadata;
    check.deepEqual(findingsAbout(findings, name), [finding], `findings about ${name}`);
    check.match(findings.find(({ object }) => object.name === name)?.message ?? '', says, `what is said of ${name}`);
  }
  const down = findings.find(({ object }) => object.name === 'west');
  check.deepEqual(
    findingsAbout(findings, 'west'),
    ['high source-down'],
    'findings about the cluster that refuses the token',
  );
  check.match(down?.fix ?? '', /renew the credentials of the context of west/, 'what to do about it');
  check.ok(
    findings.every(({ message, fix }) => message !== '' && fix !== ''),
    'every finding says what it is and what to do',
  );
  check.equal(await world.zone.snapshot(), zone, 'the zone after the run');

  const second = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  check.deepEqual([runIn(second).renewed, runIn(second).delivered], [[], []], 'what a second run does');
  check.equal(second.code, 1, 'its exit code, for the findings');
  const inventory = await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json', '--fail-on', 'never']);
  check.equal(inventory.code, 0, 'the exit code of an inventory that never fails on findings');
  const sources = inventoryIn(inventory).sources.map(({ name, state }) => `${name} ${state}`);
  check.deepEqual(sources.sort(), ['east ok', 'fleet ok', 'west down'], 'the sources');
});

/** Secrets as people break them: `severity code`, what is said. */
async function brokenSecrets() {
  const pair = await selfSignedPair(['x.example.com']);
  const other = await selfSignedPair(['y.example.com']);
  const crlf = (text: string): string => text.replace(/\n/g, '\r\n');
  const garbled = '-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n';
  return [
    { name: 'bad-pem', pair: { ...pair, certPem: garbled }, says: /certificate 1 of 1 in tls\.crt.*cannot be read/ },
    { name: 'no-pem', pair: { certPem: 'hello', keyPem: 'hello' }, says: /tls\.crt holds no PEM block CERTIFICATE/ },
    { name: 'no-key', pair: { ...pair, keyPem: 'hello' }, says: /tls\.key holds no whole PEM block/ },
    { name: 'empty', pair: { certPem: '', keyPem: '' }, says: /tls\.crt is missing or empty/ },
    { name: 'bundle', pair: { ...pair, certPem: pair.certPem.repeat(500) }, says: /500 certificates, at most 20/ },
    {
      name: 'huge',
      pair: { ...pair, certPem: pair.certPem.padEnd(900_000, '#') },
      says: /900000 bytes, at most 65536/,
    },
    {
      name: 'other-key',
      pair: { ...pair, keyPem: other.keyPem },
      code: 'key-mismatch',
      says: /does not belong to its/,
    },
    { name: 'crlf', pair: { certPem: crlf(pair.certPem), keyPem: crlf(pair.keyPem) }, code: 'none', says: /^$/ },
  ];
}

scenario(
  'a malformed Secret is told from the others, and what is asked for beside it is renewed',
  {},
  async (world, check) => {
    const [{ admin }] = world.clusters;
    await admin.namespace(NAMESPACE);
    const broken = await brokenSecrets();
    for (const { name, pair } of broken) await admin.create(tlsSecret({ namespace: NAMESPACE, name }, pair));
    await admin.create(certificate('good'));
    const result = await world.nolapse(['run', '--fleet', await writeFleet(world), '-o', 'json']);
    const { renewed, findings } = runIn(result);
    check.equal(result.code, 0, 'the exit code: nobody asks for the broken ones');
    check.deepEqual(idsIn(renewed), ['east/shop/good'], 'what was renewed');
    for (const { name, code = 'unreadable', says } of broken) {
      const expected = code === 'none' ? [] : [`info ${code}`];
      check.deepEqual(findingsAbout(findings, name), expected, `findings about ${name}`);
      check.match(findings.find(({ object }) => object.name === name)?.message ?? '', says, `what is said of ${name}`);
      const after = await admin.get({ kind: 'Secret', namespace: NAMESPACE, name });
      check.ok(
        after?.metadata.managedFields?.every(({ manager }) => manager === 'kubectl-create'),
        `${name} is untouched`,
      );
    }
  },
);

scenario('our own Secret that somebody broke is made whole by one order', {}, async (world, check) => {
  const [{ admin }] = world.clusters;
  await admin.namespace(NAMESPACE);
  await admin.create(certificate('good'));
  const run = ['run', '--fleet', await writeFleet(world), '-o', 'json'];
  check.equal((await world.nolapse(run)).code, 0, 'the exit code of the first run');
  const at = { kind: 'Secret', namespace: NAMESPACE, name: 'good-tls' } as const;
  await admin.apply(tlsSecret({ namespace: at.namespace, name: at.name }, { certPem: 'hello', keyPem: 'hello' }), {
    manager: 'kubectl',
  });
  const mark = world.recorder.mark();
  const again = await world.nolapse(run);
  check.equal(again.code, 0, 'the exit code of the next run');
  check.deepEqual(idsIn(runIn(again).renewed), ['east/shop/good'], 'what it renewed');
  const orders = world.recorder
    .seen(mark)
    .filter(({ operation, status }) => operation === 'newOrder' && status === 201);
  check.equal(orders.length, 1, 'orders');
  const after = Buffer.from((await admin.get(at))?.data?.['tls.crt'] ?? '', 'base64').toString();
  check.match(after, /^-----BEGIN CERTIFICATE-----/, 'tls.crt after it');
});
