/** Set-ups that are broken in one place each: what breaks it, what mends it, and what doctor must say of it. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FleetOptions, fleetCertificate } from './fleet-file.ts';
import type { World } from './world.ts';

const inShop = (name: string) => ({ kubernetesSecret: { clusters: ['east', 'west'], namespace: 'shop', name } });

/** A certificate for one name of the zone, in both clusters. */
export const certificateFor = (world: World, host: string) =>
  fleetCertificate(host, [`${host}.${world.zone.name}`], [inShop(host)]);

export interface SetUp {
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

export const SET_UPS: Readonly<Record<string, (world: World) => SetUp>> = {
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
