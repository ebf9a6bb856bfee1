/** What the roles of a fleet may do, and what none of them may do whatever a fleet asks. */
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../../shared/contract/environment.ts';
import type { Fleet } from '../../../shared/contract/fleet.ts';
import { keys } from '../../../shared/contract/records.ts';
import { type RoleName, roleNameOf, rolesIn } from '../../../shared/rights/role-names.ts';
import { ringsOf, rolesOf } from '../../../shared/rights/roles.ts';
import { PARTITIONS } from '../../../shared/rights/rows.ts';
import type { Statement } from '../../../shared/rights/statements.ts';
import { spec } from '../stages/assess/judged-things.ts';
import { cluster, fleet, ROLE, resources, resourcesFor } from './service.ts';

const statementsOf = (role: RoleName, of: Fleet = fleet): readonly Statement[] =>
  rolesOf(of, resourcesFor(of))
    .filter((one) => one.role === role)
    .flatMap(({ granted }) => granted.map(({ statement }) => statement));

const EMPTY: Fleet = {
  ...{ name: 'acme', clusters: [], zones: [], reach: [], notifications: {}, issuers: [], certificates: [] },
  dns: { resolvers: [], port: 53 },
};

const partitionsOf = (role: RoleName, action: string): readonly string[] =>
  statementsOf(role)
    .filter(({ actions, resources: on }) => actions.includes(action) && on.includes(resources.table))
    .flatMap(({ conditions }) => conditions?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []);

describe('rows', () => {
  test('have a partition for every key there is', () => {
    const all = [
      keys.installation(),
      keys.lane('notify'),
      keys.account('https://ca'),
      keys.issuer('prod', undefined, 'ca'),
      keys.wanted('prod/shop/tls'),
      keys.issuance('1'),
      keys.destination('prod/shop/tls'),
      keys.probe('fleet/shop', 'shop.example.com:443'),
      keys.status({ cluster: 'prod', kind: 'ClusterIssuer', name: 'ca' }),
      keys.txt({ zoneId: 'Z1', fqdn: '_acme-challenge.a', value: 'b' }),
      keys.limit('ca', 'a', 'b'),
      keys.finding('a', 'expired'),
      keys.owned({ owner: 'a', subject: 'b', code: 'expired' }),
      keys.channel('sns'),
      keys.event('a', '2026-11-24T09:00:00.000Z', '1'),
    ];
    expect(all.length).toBe(Object.keys(keys).length);
    const partition = (pk: string): string => pk.replace(/#.*/, '#*');
    expect([...new Set(all.map(({ pk }) => partition(pk)))].sort()).toEqual(Object.values(PARTITIONS).sort());
  });

  test.each<[RoleName, string, string]>([
    ['wake', '', ''],
    ['inventory', 'DEST EVT FIND ISS LANE META OWNER PROBE SRC STATUS', 'DEST LANE OWNER PROBE SRC STATUS'],
    ['issue', 'ACCOUNT DEST EVT FIND ISS LANE LIMIT META OWNER SRC STATUS ZONE', 'OWNER ZONE'],
    ['deliver', 'DEST EVT FIND ISS LANE META OWNER PROBE STATUS', 'DEST OWNER PROBE STATUS'],
    ['deliver@corp', 'DEST EVT FIND ISS LANE META OWNER PROBE STATUS', 'DEST OWNER PROBE STATUS'],
    ['notify', 'CHANNEL EVT FIND LANE META OWNER', 'OWNER'],
  ])('of %s are written and removed as its lanes do', (role, written, removed) => {
    const short = (action: string): string =>
      partitionsOf(role, action)
        .map((pk) => pk.replace('#*', ''))
        .sort()
        .join(' ');
    expect([short('dynamodb:PutItem'), short('dynamodb:DeleteItem')]).toEqual([written, removed]);
  });

  test('of accounts are read by issue alone', () => {
    const readers = FUNCTIONS.filter((name) => partitionsOf(name, 'dynamodb:BatchGetItem').includes('ACCOUNT#*'));
    expect(readers).toEqual(['issue']);
  });
});

test('no role holds DNS rights and opens certificate keys, nor cluster access and a way to seal', () => {
  const may = (role: RoleName, action: string, resource?: string): boolean =>
    statementsOf(role).some((one) => one.actions.includes(action) && (!resource || one.resources.includes(resource)));
  const { attemptKey } = resources;
  const changes = 'route53:ChangeResourceRecordSets';
  expect(
    rolesOf(fleet, resources)
      .filter(({ role }) => may(role, changes))
      .map(({ role }) => role),
  ).toEqual(['issue']);
  const opens = rolesOf(fleet, resources).filter(({ role }) => may(role, 'kms:Decrypt', attemptKey));
  expect(opens.map(({ role }) => role)).toEqual(['deliver', 'deliver@corp']);
  expect(may('issue', 'kms:Decrypt', attemptKey)).toBe(false);
});

/** A pattern and why it cannot be exact. */
const PATTERNS = [
  /^arn:aws:route53:::change\/\*$/, // nobody knows the id of a change before
  /^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-\?{6}$/, // nor the end of a secret's ARN
];

test('no resource is a pattern but where nobody can know more', () => {
  const all = rolesOf(fleet, resources).flatMap(({ granted }) =>
    granted.flatMap(({ statement }) => statement.resources),
  );
  expect(all.filter((one) => /[*?]/.test(one) && !PATTERNS.some((pattern) => pattern.test(one)))).toEqual([]);
});

test('no action is a pattern', () => {
  const all = rolesOf(fleet, resources).flatMap(({ granted }) => granted.flatMap(({ statement }) => statement.actions));
  expect(all.filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action))).toEqual([]);
});

test('every statement has a name of its own in its role, a reason and a warning', () => {
  for (const { role, granted } of rolesOf(fleet, resources)) {
    const sids = granted.map(({ statement }) => statement.sid);
    expect(new Set(sids).size, role).toBe(sids.length);
    expect(sids.filter((sid) => !/^[A-Za-z0-9]+$/.test(sid))).toEqual([]);
    expect(granted.filter(({ because, thief }) => because.length < 20 || thief.length < 15)).toEqual([]);
  }
});

test('tokens are put together and never taken apart', () => {
  const token = (name: string): string => `\${Token[${name}]}`;
  const tokens = {
    ...Object.fromEntries(Object.keys(resources).map((name) => [name, token(name)])),
    queues: Object.fromEntries(Object.keys(resources.queues).map((name) => [name, token(`queue ${name}`)])),
  } as unknown as typeof resources;
  const text = JSON.stringify(rolesOf(fleet, tokens));
  expect(text).not.toContain('111111111111');
  const all = [...Object.values(tokens), ...Object.values(tokens.queues)].filter((value) => typeof value === 'string');
  expect(all.filter((value) => !text.includes(value))).toEqual([]);
});

describe('a fleet that asks for nothing', () => {
  test('takes no role, reads no secret, finds no cluster and changes no zone', () => {
    const actions = FUNCTIONS.flatMap((name) => statementsOf(name, EMPTY).flatMap((one) => one.actions));
    expect(actions.filter((action) => /^(sts|secretsmanager|eks|route53):/.test(action))).toEqual([]);
  });

  test('has the five roles and no more', () => {
    expect(rolesOf(EMPTY, resourcesFor(EMPTY)).map(({ role }) => role)).toEqual([...FUNCTIONS]);
  });
});

describe('a cluster', () => {
  const in_ = (over: Parameters<typeof cluster>[1], more: Partial<Fleet> = {}): readonly string[] => {
    const one = cluster('prod', over);
    return rolesIn(one, { ...EMPTY, clusters: [one], ...more });
  };
  const line = { namespaces: ['shop'], names: ['shop.example.com'] };
  const asked = (name: string) => ({
    ...{ id: 'prod/shop/a', source: 'prod', origin: 'Certificate' as const, namespace: 'shop', name: 'a', labels: {} },
    spec: spec({ issuerRef: { name, kind: 'ClusterIssuer', group: 'cert-manager.io' } }),
    places: [],
  });
  test.each<[string, readonly string[], readonly string[]]>([
    ['that is only looked at', in_({ mode: 'audit', namePolicy: [line] }), ['inventory']],
    ['that is managed', in_({}), ['inventory', 'deliver']],
    ['in which things are found and ordered', in_({ namePolicy: [line] }), ['inventory', 'deliver', 'issue']],
    [
      'in which one line is managed',
      in_({ mode: 'audit', namePolicy: [{ ...line, mode: 'manage' }] }),
      ['inventory', 'deliver', 'issue'],
    ],
    ['in a network of its own', in_({ reach: 'corp', namePolicy: [line] }), ['inventory@corp', 'deliver@corp']],
    [
      'of which the file asks an issuer that only the cluster has',
      in_({}, { certificates: [asked('theirs')] }),
      ['inventory', 'deliver', 'issue'],
    ],
    [
      'of which the file asks an issuer of its own',
      in_({}, { certificates: [asked('own')], issuers: fleet.issuers }),
      ['inventory', 'deliver'],
    ],
  ])('%s is asked by', (_, roles, expected) => {
    expect(roles).toEqual(expected);
  });
});

test('secrets are what the file calls them', () => {
  const whole = 'arn:aws:secretsmanager:us-east-1:444444444444:secret:edge-AbC123';
  const access = (secretId: string) => ({ access: { by: 'secret' as const, secretId } });
  const clusters = [
    cluster('a', access('edge')),
    cluster('b', access(whole)),
    cluster('c', access('arn:aws:secretsmanager:us-east-1:444444444444:secret:edge')),
  ];
  const read = statementsOf('inventory', { ...EMPTY, clusters }).find(({ sid }) => sid === 'ReadKubeconfigs');
  expect(read?.resources).toEqual([
    'arn:aws:secretsmanager:eu-west-1:111111111111:secret:edge-??????',
    whole,
    'arn:aws:secretsmanager:us-east-1:444444444444:secret:edge-??????',
  ]);
});

test('a right on very many things is several statements that IAM takes', () => {
  const clusters = Array.from({ length: 100 }, (_, i) =>
    cluster(`c${i}`, {
      access: { by: 'eks', clusterName: `c${i}`, region: 'eu-west-1', roleArn: `${ROLE.prod}-${i}` },
    }),
  );
  const take = statementsOf('inventory', { ...EMPTY, clusters }).filter(
    ({ actions }) => actions[0] === 'sts:AssumeRole',
  );
  expect(take.map(({ sid, resources: { length } }) => [sid, length])).toEqual([
    ['TakeClusterRoles', 40],
    ['TakeClusterRoles2', 40],
    ['TakeClusterRoles3', 20],
  ]);
});

test('queues are rung by those whose lanes make something due', () => {
  expect(ringsOf('wake', EMPTY)).toEqual(['inventory', 'issue', 'deliver', 'notify']);
  expect(ringsOf('inventory@corp', fleet)).toEqual(['issue', 'deliver', 'deliver@corp']);
  expect(ringsOf('deliver', fleet)).toEqual([]);
});

test('a queue that nobody made is said', () => {
  expect(() => rolesOf(fleet, { ...resources, queues: {} })).toThrow('there is no queue inventory');
});

test.each([
  ['acme', 'issue', 'nolapse-acme-issue'],
  ['acme', 'inventory@corp', 'nolapse-acme-inventory@corp'],
] as const)('the role of %s/%s is called %s', (name, role, expected) => {
  expect(roleNameOf(name, role)).toBe(expected);
});

test('a name that is too long for IAM is cut, and no other ends alike', () => {
  const long = 'a'.repeat(60);
  const names = FUNCTIONS.map((name) => roleNameOf(long, name));
  expect(names.map(({ length }) => length)).toEqual([64, 64, 64, 64, 64]);
  expect(new Set(names).size).toBe(5);
  expect(names[0]).toMatch(/^nolapse-a+-[0-9a-f]{8}$/);
});
