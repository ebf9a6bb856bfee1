/** The part of docs/security.md that is made: every right of the example fleet, why it is there and what a thief of it gains. Writes it there when run. */
import * as files from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Fleet } from '../shared/contract/fleet.ts';
import { loadFleet } from '../shared/fleet/load.ts';
import type { AccountRole, Trusted } from '../shared/rights/account-role.ts';
import { accessEntries, clusterRole, isEks } from '../shared/rights/cluster-role.ts';
import { dnsAccounts, dnsRoles } from '../shared/rights/dns-role.ts';
import type { Granted } from '../shared/rights/granted.ts';
import { rbacOf } from '../shared/rights/rbac.ts';
import type { Resources } from '../shared/rights/resources.ts';
import { roleNames } from '../shared/rights/role-names.ts';
import { rolesOf } from '../shared/rights/roles.ts';
import type { Conditions, Statement } from '../shared/rights/statements.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DOCUMENT = join(ROOT, 'docs/security.md');
const FLEET = join(ROOT, 'docs/examples/fleet.yaml');
const BEGIN = '<!-- rights: made by npm run rights -->';
const END = '<!-- end of rights -->';

/** Called by what they are, so that the table can be read. */
const resourcesOf = (fleet: Fleet): Resources => ({
  ...{ partition: 'aws', region: 'eu-west-1', account: '111111111111' },
  ...{ table: 'the table', stateKey: 'the state key', bucket: 'the bucket' },
  queues: Object.fromEntries(roleNames(fleet).map((name) => [name, `the queue ${name}`])),
  ...{ attemptKey: 'the attempt key', accountKey: 'the account key' },
  ...{ topic: 'the topic', topicKey: 'the topic key', bus: 'the bus' },
});

const SHORT: Readonly<Record<string, string>> = {
  'dynamodb:LeadingKeys': 'rows',
  'kms:ViaService': 'by way of',
  'kms:EncryptionContextKeys': 'bound to nothing but',
  'route53:ChangeResourceRecordSetsNormalizedRecordNames': 'names',
  'route53:ChangeResourceRecordSetsRecordTypes': 'types',
  'route53:ChangeResourceRecordSetsActions': 'actions',
};

const code = (text: string): string => `\`${text}\``;

/** Each key once: that it must be there goes without saying where its values are named. */
function conditionText(conditions: Conditions = {}): readonly string[] {
  const { Null = {}, ...rest } = conditions;
  const named = Object.values(rest).flatMap((keys) => Object.entries(keys ?? {}));
  const valued = named.map(([key, values]) => `${SHORT[key] ?? code(key)} ${values.map(code).join(' ')}`);
  const present = Object.keys(Null).filter((key) => !named.some(([other]) => other === key));
  return [...valued, ...present.map((key) => `${code(key)} is there`)];
}

const actionText = ({ actions }: Statement): string => actions.map(code).join(' ');

const rightRow = ({ statement, because, thief }: Granted): string =>
  `| ${statement.sid} | ${actionText(statement)} | ${[statement.resources.map(code).join(' '), ...conditionText(statement.conditions)].join('; ')} | ${because} | ${thief} |`;

const rightsTable = (granted: readonly Granted[]): readonly string[] => [
  '| right | may | on | because | a thief |',
  '|---|---|---|---|---|',
  ...granted.map(rightRow),
];

const TRUSTED: Trusted = { account: '111111111111', principals: [] };

function accountRoles(fleet: Fleet): readonly string[] {
  const ofDns = dnsAccounts(fleet).flatMap((account) => dnsRoles(fleet, account, TRUSTED));
  const ofClusters = fleet.clusters.filter(isEks).flatMap((cluster) => clusterRole(cluster, TRUSTED) ?? []);
  const section = ({ roleArn, granted }: AccountRole): readonly string[] => [
    '',
    `### ${code(roleArn)}`,
    '',
    ...rightsTable(granted),
  ];
  return [...ofDns, ...ofClusters].flatMap(section);
}

function inClusters(fleet: Fleet): readonly string[] {
  const rows = fleet.clusters.flatMap((cluster) =>
    rbacOf(fleet, cluster).flatMap(({ who, namespace, rules, because }) =>
      rules.map(({ resources, resourceNames = [], verbs }) => {
        const names = resourceNames.length > 0 ? ` ${resourceNames.map(code).join(' ')}` : '';
        const where = namespace ? code(namespace) : 'everywhere';
        return `| ${cluster.name} | ${who} | ${verbs.map(code).join(' ')} | ${resources.map(code).join(' ')}${names} | ${where} | ${because} |`;
      }),
    ),
  );
  return ['| cluster | as | may | on | in | because |', '|---|---|---|---|---|---|', ...rows];
}

function entriesOf(fleet: Fleet): readonly string[] {
  const entries = fleet.clusters.filter(isEks).flatMap((cluster) => accessEntries(cluster, fleet, (role) => role));
  return entries.map(
    ({ clusterName, principalArn, groups }) =>
      `- In the EKS cluster ${code(clusterName)}, ${code(principalArn)} is ${groups.map(code).join(', ')}.`,
  );
}

/** All of the made part, for a fleet. */
export const rightsText = (fleet: Fleet): string =>
  [
    ...rolesOf(fleet, resourcesOf(fleet)).flatMap(({ role, granted }) => [
      '',
      `### ${role}`,
      '',
      ...rightsTable(granted),
    ]),
    ...accountRoles(fleet),
    ...['', '### Inside the clusters', ''],
    ...inClusters(fleet),
    ...(fleet.clusters.some(isEks) ? ['', ...entriesOf(fleet)] : []),
  ]
    .join('\n')
    .trim();

/** The document with its made part anew. Throws TypeError where it has no place for it. */
export function withRights(document: string, fleet: Fleet): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new TypeError(`docs/security.md must hold ${BEGIN} and, after it, ${END}`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${rightsText(fleet)}\n\n${document.slice(end)}`;
}

export const exampleFleet = (): Fleet => loadFleet({ path: FLEET, home: homedir(), files }).fleet;

if (import.meta.main) files.writeFileSync(DOCUMENT, withRights(files.readFileSync(DOCUMENT, 'utf8'), exampleFleet()));
