/** No private key is anywhere but in the two kinds of requests that must carry it: searched for in eight encodings, in all that runs leave behind. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fleetCertificate, ISSUER, writeFleet } from './harness/fleet-file.ts';
import {
  leaksIn,
  registeredKey,
  registeredText,
  tracesOfMessages,
  tracesOfOutput,
  tracesOfRequests,
} from './harness/leaks.ts';
import type { KeyPair } from './harness/private-ca.ts';
import type { Recorded } from './harness/recorder.ts';
import { scenario } from './harness/scenario.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Registered, Trace } from './harness/traces.ts';
import type { Manifest, World } from './harness/world.ts';

const NAMESPACE = 'shop';
const at = (name: string) => ({ namespace: NAMESPACE, name });
const OLD_VALUE = 'certs/shop';

/** Keys that no run has made, each where it is found, and a certificate beside each. */
async function keysOfOthers(world: World): Promise<readonly Registered[]> {
  const [{ admin }] = world.clusters;
  const pair = (label: string, isCA = false) => selfSignedPair([`${label}.${world.zone.name}`], { isCA });
  const [ca, applied, owned, wrong, cut, old] = await Promise.all([
    pair('ca', true),
    ...['applied', 'owned', 'wrong', 'cut', 'old'].map((label) => pair(label)),
  ] as Promise<KeyPair>[]);
  if (!ca || !applied || !owned || !wrong || !cut || !old) throw new Error('a pair is missing');
  const malformed = cut.keyPem.replace(/-----END.*/, '').replaceAll('\n', '\r\n');
  await admin.create(tlsSecret(at('root'), ca));
  await admin.applyClientSide(tlsSecret(at('applied'), applied));
  await admin.create(tlsSecret(at('mismatched'), { certPem: owned.certPem, keyPem: wrong.keyPem }));
  await admin.create(tlsSecret(at('malformed'), { certPem: cut.certPem, keyPem: malformed }));
  await world.secretsManager.put(OLD_VALUE, JSON.stringify({ certificate: old.certPem, private_key: old.keyPem }));
  return [
    registeredKey('the key of the CA', ca.keyPem),
    registeredKey('the key in an annotation', applied.keyPem),
    registeredKey('the key of another certificate', wrong.keyPem),
    registeredKey('the malformed key', cut.keyPem),
    registeredText('the malformed text', malformed),
    registeredKey('the old key in Secrets Manager', old.keyPem),
  ];
}

const certificate = (name: string, spec: object): Manifest => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: at(name),
  spec,
});

/** What is asked for: by the world's CA in two clusters and Secrets Manager, by a private CA in one; RSA and ECDSA, PKCS#1 and PKCS#8. */
async function askedFor(world: World): Promise<string> {
  const [{ admin }] = world.clusters;
  const { name: zone } = world.zone;
  await admin.create({
    apiVersion: 'cert-manager.io/v1',
    kind: 'Issuer',
    metadata: at('ca'),
    spec: { ca: { secretName: 'root' } },
  });
  const issuerRef = { name: 'ca', kind: 'Issuer' };
  await admin.create(certificate('internal', { secretName: 'internal', dnsNames: [`internal.${zone}`], issuerRef }));
  const everywhere = { kubernetesSecret: { clusters: ['east', 'west'], ...at('shop') } };
  const store = { secretsManager: { name: OLD_VALUE, adopt: true } };
  const shop = fleetCertificate('shop', [`shop.${zone}`, `*.shop.${zone}`], [everywhere, store]);
  const elliptic = {
    ...fleetCertificate('elliptic', [`elliptic.${zone}`], []),
    spec: {
      certificate: {
        dnsNames: [`elliptic.${zone}`],
        issuerRef: ISSUER,
        privateKey: { algorithm: 'ECDSA', size: 256, encoding: 'PKCS1' },
      },
      destinations: [{ kubernetesSecret: { clusters: ['west'], ...at('elliptic') } }],
    },
  };
  const taken = ['applied', 'mismatched', 'malformed'].map((name) =>
    fleetCertificate(name, [`${name}.${zone}`], [{ kubernetesSecret: { clusters: ['east'], ...at(name) } }]),
  );
  return writeFleet(world, { documents: [shop, elliptic, ...taken] });
}

/** A kubeconfig that holds a client key: one that is read, and one that is broken in the line of the key. */
async function kubeconfigs(world: World): Promise<{ readonly paths: readonly string[]; readonly key: Registered }> {
  const { certPem, keyPem } = await selfSignedPair(['client']);
  const text = await readFile(world.kubeconfigPath, 'utf8');
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const user = { 'client-certificate-data': base64(certPem), 'client-key-data': base64(keyPem) };
  const config = JSON.parse(text) as { users: { name: string; user: object }[] };
  const whole = JSON.stringify({ ...config, users: config.users.map(({ name }) => ({ name, user })) }, null, 2);
  const broken = whole.replace(/("client-key-data": )"([^"]+)"/, '$1 [ "$2');
  const paths = [join(world.folder, 'client.yaml'), join(world.folder, 'broken.yaml')];
  await writeFile(paths[0] ?? '', whole);
  await writeFile(paths[1] ?? '', broken);
  return { paths, key: registeredKey('the client key of a kubeconfig', keyPem) };
}

/** The keys that are in the Secrets of what was issued, now. */
async function issuedKeys(world: World): Promise<readonly Registered[]> {
  const [east, west] = world.clusters;
  const held = [
    [east, 'shop'],
    [east, 'internal'],
    [west, 'elliptic'],
  ] as const;
  return Promise.all(
    held.map(async ([{ admin }, name]) => {
      const secret = await admin.get({ kind: 'Secret', ...at(name) });
      const pem = Buffer.from(secret?.data?.['tls.key'] ?? '', 'base64').toString();
      return registeredKey(`the key issued for ${name}`, pem, true);
    }),
  );
}

/** Ends a run from outside in the middle of its deliveries, so that the write-ahead log stays behind. */
async function killedRun(world: World, fleet: string): Promise<readonly Trace[]> {
  const { pid, done } = world.spawnNolapse(['run', '--fleet', fleet]);
  const isDelivery = ({ operation }: Recorded): boolean => operation.startsWith('secretsmanager Put');
  world.recorder.killAt({ n: 1, of: isDelivery, pid, when: 'after' });
  return tracesOfOutput('the run that was killed', await done);
}

/** Commands and their exit codes, all but those of `run`, `renew` and those that only explain themselves. */
const LOOKS: readonly (readonly [code: number, ...args: string[]])[] = [
  [1, 'inventory'],
  [1, 'inventory', '-o', 'json'],
  [0, 'explain', 'fleet/shop'],
  [0, 'explain', 'east/shop/internal', '-o', 'json'],
  [0, 'adopt', 'fleet/applied'],
  [0, 'renew', 'fleet/shop', '--force', '--dry-run'],
  [2, 'explain', 'nobody'],
];
const COMMANDS = ['inventory', 'plan', 'run', 'renew', 'adopt', 'explain', 'demo'];

/** The output of every command that changes nothing, and of some that cannot even begin. */
async function looks(world: World, fleet: string, kubeconfigs: readonly string[]) {
  const codes: (readonly [string, number | null])[] = [];
  const traces: Trace[] = [];
  const look = async (args: readonly string[], state = join(world.folder, 'state')): Promise<void> => {
    const result = await world.nolapse(args, { state });
    codes.push([args.join(' '), result.code]);
    traces.push(...tracesOfOutput(args.join(' '), result));
  };
  for (const [, ...args] of LOOKS) await look([...args, '--fleet', fleet]);
  await Promise.all(COMMANDS.map((command) => look([command, '--help'])));
  for (const path of kubeconfigs) {
    await look(['inventory', '--kubeconfig', path, '--context', 'east'], join(world.folder, 'other'));
    await look(['plan', '--fleet', path]);
  }
  return { traces, codes };
}

/** The tokens that the kubeconfig has for the clusters. */
async function tokens({ kubeconfigPath }: World): Promise<readonly Registered[]> {
  const { users } = JSON.parse(await readFile(kubeconfigPath, 'utf8')) as { users: { user: { token: string } }[] };
  return users.map(({ user }, n) => registeredText(`token ${n + 1} of the kubeconfig`, user.token));
}

scenario('no key leaves but with the two requests that must carry it', {}, async (world, check) => {
  for (const { admin } of world.clusters) await admin.namespace(NAMESPACE);
  const others = await keysOfOthers(world);
  const fleet = await askedFor(world);
  const { paths, key } = await kubeconfigs(world);
  const first = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  const issued = await issuedKeys(world);
  const forced = await world.nolapse(['renew', 'fleet/shop', '--force', '--fleet', fleet]);
  const renewed = await issuedKeys(world);
  const looked = await looks(world, fleet, paths);
  const output = [...tracesOfOutput('run', first), ...tracesOfOutput('renew', forced), ...looked.traces];
  const queue = tracesOfMessages(await world.queue.receive());

  const sealed = await world.sealed();
  check.ok(
    sealed.some(({ name }) => name === 'the key of an account'),
    'the key of the account is looked for',
  );
  check.equal(others.length + issued.length + renewed.length, 6 + 3 + 3, 'other keys that are looked for');
  const seen = looked.codes.slice(0, LOOKS.length).map(([, code]) => code);
  check.deepEqual(
    seen,
    LOOKS.map(([code]) => code),
    'exit codes of the looks',
  );
  check.deepEqual(
    looked.codes.slice(-4).map(([, code]) => code),
    [3, 2, 2, 2],
    'exit codes with kubeconfigs of no use',
  );
  check.ok(queue.length > 0, 'messages to search');
  const requests = tracesOfRequests(world.recorder.seen());
  check.equal(requests.filter(({ beyondDelivery }) => beyondDelivery).length >= 5, true, 'writes that carry a key');
  const registered = [...others, key, ...(await tokens(world)), ...issued, ...renewed, ...sealed];
  check.deepEqual(leaksIn(output, registered), [], 'leaks in output');
  check.deepEqual(leaksIn(queue, registered), [], 'leaks in messages');
  check.deepEqual(leaksIn(await world.traces(), registered), [], 'leaks in what is left behind');
  check.deepEqual(leaksIn(requests, registered), [], 'leaks in requests');
});

scenario(
  'no key is in what a kill leaves of the state',
  { needs: ['one-process'], because: 'what is killed is the process, and what it leaves is a write-ahead log' },
  async (world, check) => {
    for (const { admin } of world.clusters) await admin.namespace(NAMESPACE);
    const others = await keysOfOthers(world);
    const fleet = await askedFor(world);
    const killed = await killedRun(world, fleet);
    const left = await world.traces();
    check.ok(
      left.some(({ where, content }) => where.endsWith('-wal') && content.length > 0),
      'a write-ahead log is left',
    );
    await world.nolapse(['run', '--fleet', fleet]);
    const registered = [...others, ...(await tokens(world)), ...(await issuedKeys(world)), ...(await world.sealed())];
    check.deepEqual(leaksIn(killed, registered), [], 'leaks in output');
    check.deepEqual(leaksIn(left, registered), [], 'leaks in the state');
  },
);
