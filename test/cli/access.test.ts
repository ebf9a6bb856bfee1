/** What `nolapse access` prints: commands that a shell reads as they were meant, and the same as JSON. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { access } from '../../cli/access.ts';
import type { AccessOptions } from '../../cli/rights-program.ts';
import type { Fleet } from '../../shared/contract/fleet.ts';
import { fleet, ROLE, SERVICE } from '../shared/rights/service.ts';

const DNS: AccessOptions = { to: 'dns', name: '333333333333', trust: SERVICE };
const cluster = (name: string, trust: string = SERVICE): AccessOptions => ({ to: 'cluster', name, trust });

/** The arguments of every `aws` command, as a shell takes the lines. */
function commandsIn(lines: readonly string[]): readonly (readonly string[])[] {
  const script = `aws() { for one; do printf '%s\\036' "$one"; done; printf '\\035'; }\n${lines.join('\n')}\n`;
  const said = execFileSync('sh', ['-eu'], { input: script }).toString();
  return said
    .split('\u001d')
    .filter(Boolean)
    .map((command) => command.split('\u001e').slice(0, -1));
}

const argument = (command: readonly string[] | undefined, name: string): string =>
  command?.[command.indexOf(name) + 1] ?? '';

describe('access dns', () => {
  const { document, lines } = access(DNS, fleet);
  const [create, put, ...more] = commandsIn(lines);

  test('makes the role that the fleet names, with its trust and its policy', () => {
    expect(more).toEqual([]);
    expect(create?.slice(0, 6)).toEqual(['iam', 'create-role', '--role-name', 'nolapse-dns', '--path', '/acme/']);
    expect(put?.slice(0, 6)).toEqual([
      'iam',
      'put-role-policy',
      '--role-name',
      'nolapse-dns',
      '--policy-name',
      'nolapse',
    ]);
    const trust = JSON.parse(argument(create, '--assume-role-policy-document'));
    expect(trust.Statement[0].Condition).toEqual({
      ArnEquals: { 'aws:PrincipalArn': ['arn:aws:iam::111111111111:role/nolapse-acme-issue'] },
      StringEquals: { 'sts:ExternalId': ['dns-secret'] },
    });
    const policy = JSON.parse(argument(put, '--policy-document'));
    expect(document).toEqual({
      roles: [
        {
          ...{ RoleName: 'nolapse-dns', Path: '/acme/', AssumeRolePolicyDocument: trust },
          Policies: [{ PolicyName: 'nolapse', PolicyDocument: policy }],
        },
      ],
    });
  });

  test('says whose it is, which zones it opens and to whom, before anything else', () => {
    const said = lines
      .filter((line) => line.startsWith('# '))
      .join(' ')
      .replaceAll('# ', '');
    expect(lines[0]).toMatch(/^# For the owner of the AWS account 333333333333/);
    expect(said).toContain('example.com (Z0ELSEWHERE)');
    expect(said).not.toContain('example.org');
    expect(said).toContain('arn:aws:iam::111111111111:role/nolapse-acme-issue may take it');
    expect(said).not.toContain('No externalId');
  });

  test('says that an external id is missing, and takes any text for one', () => {
    const withId = (externalId?: string): Fleet => ({
      ...fleet,
      zones: [{ name: 'a.example', hostedZoneId: 'ZA', roleArn: ROLE.dns, ...(externalId ? { externalId } : {}) }],
    });
    expect(access(DNS, withId()).lines.join(' ')).toContain('No externalId is named');
    const [quoted] = commandsIn(access(DNS, withId(`it's "$HOME"`)).lines);
    const trust = JSON.parse(argument(quoted, '--assume-role-policy-document'));
    expect(trust.Statement[0].Condition.StringEquals).toEqual({ 'sts:ExternalId': [`it's "$HOME"`] });
  });

  test('trusts whoever is named by ARN', () => {
    const ci = 'arn:aws:iam::444444444444:role/ci';
    const [made] = commandsIn(access({ ...DNS, trust: ci }, fleet).lines);
    expect(JSON.parse(argument(made, '--assume-role-policy-document')).Statement[0]).toMatchObject({
      Principal: { AWS: ['arn:aws:iam::444444444444:root'] },
      Condition: { ArnEquals: { 'aws:PrincipalArn': [ci] } },
    });
  });
});

describe('access cluster', () => {
  test('makes the role of the cluster and lets it in with the groups of all who take it', () => {
    const { document, lines } = access(cluster('prod-eu'), fleet);
    const [create, , entry] = commandsIn(lines);
    expect(create?.slice(0, 4)).toEqual(['iam', 'create-role', '--role-name', 'nolapse-prod-eu']);
    expect(JSON.parse(argument(create, '--assume-role-policy-document')).Statement[0].Condition).toEqual({
      ArnEquals: {
        'aws:PrincipalArn': ['inventory', 'deliver', 'issue'].map(
          (name) => `arn:aws:iam::111111111111:role/nolapse-acme-${name}`,
        ),
      },
      StringEquals: { 'sts:ExternalId': ['prod-secret'] },
    });
    expect(entry?.join(' ')).toBe(
      `eks create-access-entry --region eu-west-1 --cluster-name prod --principal-arn ${ROLE.prod} --kubernetes-groups nolapse:inventory nolapse:deliver nolapse:issue`,
    );
    expect(document).toMatchObject({
      role: { RoleName: 'nolapse-prod-eu', Path: '/' },
      accessEntries: [{ clusterName: 'prod', principalArn: ROLE.prod, type: 'STANDARD' }],
    });
  });

  test('of the own account lets in each function by itself, or the one that is named by ARN', () => {
    const entries = (trust: string) =>
      commandsIn(access(cluster('own', trust), fleet).lines).map((one) => one.slice(7).join(' '));
    const role = (name: string): string => `arn:aws:iam::111111111111:role/nolapse-acme-${name}`;
    expect(entries(SERVICE)).toEqual([
      `${role('inventory')} --kubernetes-groups nolapse:inventory`,
      `${role('deliver')} --kubernetes-groups nolapse:deliver`,
      `${role('issue')} --kubernetes-groups nolapse:issue`,
    ]);
    expect(entries('arn:aws:iam::111111111111:user/me')).toEqual([
      'arn:aws:iam::111111111111:user/me --kubernetes-groups nolapse:inventory nolapse:deliver nolapse:issue',
    ]);
  });
});

test.each<[string, AccessOptions, string]>([
  [
    'an account without zones',
    { ...DNS, name: '333333333334' },
    '--account: no zone of the fleet names a role in the account "333333333334"; accounts of zones: 333333333333 (did you mean 333333333333?)',
  ],
  [
    'nobody to trust',
    { ...DNS, trust: 'me' },
    '--trust: "me" is neither an account number nor the ARN of an IAM role or user (name the account that Nolapse is deployed in, or what it runs as elsewhere: aws sts get-caller-identity)',
  ],
  [
    'an unknown cluster',
    cluster('prod-ue'),
    '<cluster>: the fleet has no cluster "prod-ue"; it has prod-eu, own, looked-at, edge (did you mean prod-eu?)',
  ],
  [
    'a cluster that AWS does not know',
    cluster('edge'),
    '<cluster>: edge is reached by a kubeconfig, for which AWS needs no role (see what the cluster itself must allow: nolapse rbac edge)',
  ],
])('%s is said', (_, options, message) => {
  expect(() => access(options, fleet)).toThrow(expect.objectContaining({ name: 'InputError', message }));
});
