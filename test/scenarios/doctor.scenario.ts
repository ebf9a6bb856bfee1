/** Set-ups that are broken in one place each: doctor finds that place and no other, says what mends it and who can, and writes nothing. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FleetOptions, fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { type Check, scenario } from './harness/scenario.ts';
import type { NolapseResult, World } from './harness/world.ts';

interface CheckAnswer {
  readonly check: string;
  readonly subject: string;
  readonly state: 'ok' | 'broken' | 'warning' | 'waiting';
  readonly evidence: readonly string[];
  readonly fix?: string;
  readonly command?: string;
  readonly who?: string;
}

interface DoctorAnswer {
  readonly broken: number;
  readonly checks: readonly CheckAnswer[];
}

const inShop = (name: string) => ({ kubernetesSecret: { clusters: ['east', 'west'], namespace: 'shop', name } });

/** A certificate for one name of the zone, in both clusters. */
const certificateFor = (world: World, host: string) =>
  fleetCertificate(host, [`${host}.${world.zone.name}`], [inShop(host)]);

interface SetUp {
  readonly fleet?: FleetOptions;
  /** The name that is asked for; default `shop`. */
  readonly host?: string;
  /** Breaks it. */
  readonly before?: (world: World) => Promise<unknown>;
  /** Mends it. */
  readonly after?: (world: World) => Promise<unknown>;
  /** Check and subject of what is broken. */
  readonly broken: RegExp;
  readonly evidence: RegExp;
  /** The fix, or the command. */
  readonly mends: RegExp;
  readonly who: RegExp;
}

const RECORD = { ttl: 60 } as const;

/** An issuer beside the world's own. */
const issuer = (spec: object) => ({
  ...{ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: 'other' } },
  spec,
});
const acmeOf = (world: World, more: object) =>
  issuer({
    acme: {
      server: world.acme.directory,
      ...{ privateKeySecretRef: { name: 'key' }, solvers: [{ dns01: { route53: {} } }] },
      ...more,
    },
  });

const sealKeyOf = ({ folder }: World): string => join(folder, 'state', 'seal.key');

const SET_UPS: Readonly<Record<string, (world: World) => SetUp>> = {
  'an API server that is out of reach': () => ({
    before: (world) => world.recorder.cut('east', 'refused'),
    after: (world) => world.recorder.mend('east'),
    ...{ broken: /^cluster east$/, evidence: /the connection was refused/ },
    ...{ mends: /check that this machine may reach it/, who: /^you$/ },
  }),
  'a token that an API server does not know': ({ clusters: [{ contextUnknown: east }] }) => ({
    fleet: { contexts: { east } },
    ...{ broken: /^cluster east$/, evidence: /Unauthorized/ },
    ...{ mends: /renew the credentials of the context of east/, who: /^you$/ },
  }),
  'a right on Secrets that is missing in one namespace': ({ clusters: [{ contextWithoutCreate: east }] }) => ({
    fleet: { contexts: { east } },
    ...{ broken: /^rights east$/, evidence: /^may not create secrets in shop$/ },
    mends: /^nolapse rbac east --bind user:\S+ --fleet \S+ --state \S+ \| kubectl --context \S+ apply -f -$/,
    who: /^an administrator of the cluster east$/,
  }),
  'a namespace that is not there': (world) => ({
    fleet: {
      documents: [
        fleetCertificate(
          'lost',
          [`lost.${world.zone.name}`],
          [{ kubernetesSecret: { clusters: ['east'], namespace: 'nowhere', name: 'lost' } }],
        ),
      ],
    },
    ...{ broken: /^namespaces east$/, evidence: /namespaces "nowhere" not found/ },
    mends: /^kubectl --context \S+ create namespace nowhere$/,
    who: /^an administrator of the cluster east$/,
  }),
  'a hosted zone of another id': () => ({
    fleet: { zone: { hostedZoneId: 'Z0NOSUCHZONE0000001' } },
    ...{ broken: /^zone example\.com$/, evidence: /Z0NOSUCHZONE0000001/ },
    ...{ mends: /correct hostedZoneId in spec\.zones/, who: /^you$/ },
  }),
  'a zone that may be read and not changed': () => ({
    before: (world) => world.fault('dns', { kind: 'access-denied', operation: 'ChangeResourceRecordSets' }),
    after: (world) => world.calm('dns'),
    ...{ broken: /^changes example\.com$/, evidence: /not authorized/ },
    ...{ mends: /allow route53:ChangeResourceRecordSets/, who: /^you$/ },
  }),
  'a delegation to other name servers': () => ({
    before: (world) => world.fault('dns', { kind: 'misdelegated', nameServers: ['ns.elsewhere.test.'] }),
    after: (world) => world.calm('dns'),
    ...{ broken: /^delegation example\.com$/, evidence: /com sends the world to ns\.elsewhere\.test/ },
    mends: /set the NS records of example\.com at com to ns-1\.name-servers\.test, ns-2\.name-servers\.test/,
    who: /^whoever registered example\.com$/,
  }),
  'a lame name server': () => ({
    before: (world) => world.fault('dns', { kind: 'lame', server: 'ns-2.name-servers.test' }),
    after: (world) => world.calm('dns'),
    ...{
      broken: /^name-servers example\.com$/,
      evidence: /^ns-2\.name-servers\.test \(127\.0\.0\.2\) answers REFUSED$/,
    },
    ...{ mends: /take the NS records of these servers away/, who: /^you$/ },
  }),
  'a CAA record that names another CA': () => ({
    host: 'caa',
    before: ({ zone }) =>
      zone.addForeign({ ...RECORD, name: `caa.${zone.name}`, type: 'CAA', values: ['0 issue "other-ca.test"'] }),
    ...{
      broken: /^caa example\.com by fleet\/world-ca$/,
      evidence: /^caa\.example\.com\. CAA 0 issue "other-ca\.test"$/,
    },
    ...{ mends: /^add caa\.example\.com\. CAA 0 issue "\S+"$/, who: /^you$/ },
  }),
  'the name of a challenge that is a CNAME out of the fleet': () => ({
    host: 'alias',
    before: ({ zone }) =>
      zone.addForeign({ ...RECORD, name: `_acme-challenge.alias.${zone.name}`, type: 'CNAME', values: ['a.test.'] }),
    ...{ broken: /^challenges example\.com$/, evidence: /is a CNAME to a\.test, in no zone of the fleet file$/ },
    ...{ mends: /^remove the CNAME at _acme-challenge\.alias\.example\.com:/, who: /^you$/ },
  }),
  'the name of a challenge that is delegated away': () => ({
    host: 'away',
    before: ({ zone }) => zone.addForeign({ ...RECORD, name: `away.${zone.name}`, type: 'NS', values: ['ns.a.test.'] }),
    ...{ broken: /^challenges example\.com$/, evidence: /^away\.example\.com is delegated to ns\.a\.test/ },
    ...{ mends: /list the hosted zone of away\.example\.com in spec\.zones/, who: /^you$/ },
  }),
  'a CA that is out of reach': () => ({
    before: (world) => world.recorder.cut('ca', 'refused'),
    after: (world) => world.recorder.mend('ca'),
    ...{ broken: /^ca fleet\/world-ca$/, evidence: /the connection was refused/ },
    ...{ mends: /check that this machine may reach it/, who: /^you$/ },
  }),
  'a CA without its caBundle': (world) => ({
    fleet: { documents: [acmeOf(world, {})] },
    ...{ broken: /^ca fleet\/other$/, evidence: /TLS certificate or protocol was not accepted/ },
    ...{ mends: /spec\.acme\.caBundle of the issuer/, who: /^you$/ },
  }),
  'an account binding without its key': (world) => ({
    fleet: {
      documents: [
        acmeOf(world, {
          caBundle: Buffer.from(world.acme.caPem).toString('base64'),
          externalAccountBinding: { keyID: 'one', keySecretRef: { name: 'binding', key: 'hmac' } },
        }),
      ],
    },
    ...{ broken: /^account fleet\/other$/, evidence: /secrets\/binding\/hmac cannot be read: it does not exist/ },
    ...{ mends: /put the value of key hmac of the Secret binding into the file/, who: /^you$/ },
  }),
  'a private CA without its Secret': () => ({
    fleet: { documents: [issuer({ ca: { secretName: 'root' } })] },
    ...{ broken: /^private-ca fleet\/other$/, evidence: /secrets\/root\/tls\.crt cannot be read/ },
    ...{ mends: /put the value of key tls\.crt of the Secret root into the file/, who: /^you$/ },
  }),
  'a sealing key that others may read': () => ({
    before: async (world) => {
      await mkdir(join(world.folder, 'state'), { recursive: true });
      await writeFile(sealKeyOf(world), Buffer.alloc(32));
      await chmod(sealKeyOf(world), 0o644);
    },
    after: (world) => rm(sealKeyOf(world)),
    ...{ broken: /^sealing key$/, evidence: /its mode is 644, allowed is 600/ },
    ...{ mends: /^chmod 600 \S+seal\.key/, who: /^you$/ },
  }),
  'a topic that is not there': ({ queue }) => ({
    fleet: { notifications: { sns: { topicArn: `${queue.topicArn}-gone` } } },
    ...{ broken: /^subscription \S+-gone$/, evidence: /^listing the subscriptions of \S+-gone: / },
    ...{ mends: /^correct spec\.notifications\.sns\.topicArn of the fleet file, or make the topic$/, who: /^you$/ },
  }),
  'a webhook without its secret': () => ({
    fleet: { notifications: { slack: { webhookSecretId: 'nolapse/slack' } } },
    ...{ broken: /^webhook slack$/, evidence: /there is no secret nolapse\/slack/ },
    ...{ mends: /^aws secretsmanager create-secret --name nolapse\/slack/, who: /^you$/ },
  }),
};

const idOf = ({ check, subject }: CheckAnswer): string => `${check} ${subject}`;

const answerOf = (ended: NolapseResult): DoctorAnswer => ended.json() as DoctorAnswer;

async function look(world: World, { fleet = {}, host = 'shop' }: Pick<SetUp, 'fleet' | 'host'>, json = true) {
  const { documents = [] } = fleet;
  const path = await writeFleet(world, {
    namePolicy: [{ namespaces: ['shop'], names: [`**.${world.zone.name}`] }],
    ...fleet,
    documents: [certificateFor(world, host), ...documents],
  });
  return world.nolapse(['doctor', '--fleet', path, ...(json ? ['-o', 'json'] : [])]);
}

async function checkBroken(world: World, what: string, check: Check): Promise<void> {
  const setUp = SET_UPS[what]?.(world);
  if (!setUp) throw new Error(`there is no set-up ${what}`);
  await setUp.before?.(world);
  const ended = await look(world, setUp);
  await setUp.after?.(world);
  check.equal(ended.code, 1, `the exit code with ${what}`);
  const broken = answerOf(ended).checks.filter(({ state }) => state === 'broken');
  check.equal(broken.length, 1, `what is found broken with ${what}: ${broken.map(idOf).join(', ')}`);
  const [found] = broken;
  check.match(found ? idOf(found) : '', setUp.broken, `what is found with ${what}`);
  check.match(found?.evidence[0] ?? '', setUp.evidence, `the evidence of ${what}`);
  const mends = [found?.fix ?? '', found?.command ?? ''].find((text) => setUp.mends.test(text));
  check.ok(mends, `the fix of ${what}: ${found?.fix} ${found?.command}`);
  check.match(found?.who ?? '', setUp.who, `who mends ${what}`);
}

/** What servers count as a write, and took as one. Of a dry run nothing is kept. */
const writesIn = (world: World, after = 0): readonly string[] =>
  world.recorder
    .seen(after)
    .filter(({ kind, query, status = 0 }) => kind === 'write' && status < 400 && !query.includes('dryRun=All'))
    .map(({ operation, status }) => `${operation} ${status}`);

scenario(
  'doctor finds what is broken in each of many set-ups, and nothing else',
  { needs: ['one-process'], because: 'it looks from where the command is' },
  async (world, check) => {
    for (const { admin } of world.clusters) await admin.namespace('shop');
    const zone = await world.zone.snapshot();
    const sound = await look(world, {});
    check.deepEqual(
      answerOf(sound).checks.filter(({ state }) => state === 'broken' || state === 'waiting'),
      [],
      'at first',
    );
    check.equal(sound.code, 0, 'the exit code of a sound set-up');
    const first = ['a CAA record', 'the name of a challenge'];
    const harmless = Object.keys(SET_UPS).filter((what) => !first.some((start) => what.startsWith(start)));
    for (const what of harmless) await checkBroken(world, what, check);
    check.equal(await world.zone.snapshot(), zone, 'the zone after all of that');
    for (const what of Object.keys(SET_UPS)) if (!harmless.includes(what)) await checkBroken(world, what, check);
    check.deepEqual(writesIn(world), [], 'writes that a server took');
    const mended = await look(world, {});
    check.equal(mended.code, 0, 'the exit code once all is mended');

    const ran = await world.nolapse([
      'run',
      '--fleet',
      await writeFleet(world, { documents: [certificateFor(world, 'shop')] }),
    ]);
    check.equal(ran.code, 0, 'the exit code of a run');
    const mark = world.recorder.mark();
    const after = answerOf(await look(world, {}));
    check.deepEqual(after.checks.filter(({ state }) => state !== 'ok').map(idOf), [], 'what is not ✔ after a run');
    check.deepEqual(writesIn(world, mark), [], 'writes of a look after a run');
    const text = await look(world, {}, false);
    check.match(
      text.stdout,
      /^Nothing stands between here and the next renewal \(fleet\/shop in \d+ days\)/,
      'the text',
    );
    check.equal(text.stderr, '', 'stderr in a pipe');
    check.deepEqual(
      text.stdout.split('\n').filter((line) => [...line].length > 80),
      [],
      'lines of more than 80 columns',
    );
  },
);

scenario(
  'doctor finds nothing in the way of a fleet that renews itself, and then what is',
  {},
  async (world, check) => {
    for (const { admin } of world.clusters) await admin.namespace('shop');
    const fleet = await writeFleet(world, { documents: [certificateFor(world, 'shop')] });
    const args = ['doctor', '--fleet', fleet, '-o', 'json'];
    await world.nolapse(['inventory', '--fleet', fleet]);
    await world.nolapse(['run', '--fleet', fleet]);
    const mark = world.recorder.mark();
    const sound = await world.nolapse(args);
    check.equal(sound.code, 0, 'the exit code once all is renewed');
    check.deepEqual(
      answerOf(sound)
        .checks.filter(({ state }) => state !== 'ok')
        .map(idOf),
      [],
      'what is not ✔',
    );
    check.deepEqual(writesIn(world, mark), [], 'writes');

    await world.recorder.cut('east', 'refused');
    await world.nolapse(['inventory', '--fleet', fleet]);
    const broken = await world.nolapse(args);
    check.equal(broken.code, 1, 'the exit code with a cluster that is out of reach');
    const found = answerOf(broken).checks.filter(({ state }) => state === 'broken');
    check.deepEqual(found.map(idOf), ['cluster east'], 'what is broken');
    check.match(found[0]?.evidence.join(' ') ?? '', /refused/, 'the evidence');
    await world.recorder.mend('east');
  },
);
