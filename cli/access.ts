/** `nolapse access`: roles that owners of other accounts make, as commands of the AWS CLI to be read first, or as JSON. */
import type { Fleet } from '../shared/contract/fleet.ts';
import { InputError } from '../shared/contract/problem.ts';
import { listed, nearestWord } from '../shared/fleet/words.ts';
import { type AccountRole, policyOf, roleArnOf, type Trusted } from '../shared/rights/account-role.ts';
import { type AccessEntry, accessEntries, clusterRole, type EksCluster, isEks } from '../shared/rights/cluster-role.ts';
import { dnsAccounts, dnsRoles } from '../shared/rights/dns-role.ts';
import { type RoleName, roleNameOf, rolesIn } from '../shared/rights/role-names.ts';
import { policyJson, trustJson } from '../shared/rights/statements.ts';
import { clusterNamed } from './cluster-named.ts';
import { comment } from './output/comment.ts';
import type { Printed } from './output/printed.ts';
import type { AccessOptions } from './rights-program.ts';

const POLICY_NAME = 'nolapse';

/** One argument of a shell's, whatever is in it. */
const quoted = (document: object): string => `'${JSON.stringify(document, null, 2).replaceAll("'", "'\\''")}'`;

/** As CloudFormation's AWS::IAM::Role has it. */
const roleDocument = ({ roleArn, trust, granted }: AccountRole): object => {
  const { name, path } = roleArnOf(roleArn) ?? {};
  return {
    ...{ RoleName: name, Path: path, AssumeRolePolicyDocument: trustJson(trust) },
    Policies: [{ PolicyName: POLICY_NAME, PolicyDocument: policyJson(policyOf(granted)) }],
  };
};

function roleCommands({ roleArn, trust, granted }: AccountRole): readonly string[] {
  const { name = '', path = '/' } = roleArnOf(roleArn) ?? {};
  const at = path === '/' ? '' : ` --path ${path}`;
  return [
    `aws iam create-role --role-name ${name}${at} --assume-role-policy-document ${quoted(trustJson(trust))}`,
    `aws iam put-role-policy --role-name ${name} --policy-name ${POLICY_NAME} --policy-document ${quoted(policyJson(policyOf(granted)))}`,
  ];
}

const entryCommand = ({ clusterName, region, principalArn, groups }: AccessEntry): string =>
  `aws eks create-access-entry --region ${region} --cluster-name ${clusterName} --principal-arn ${principalArn} --kubernetes-groups ${groups.join(' ')}`;

/** The service's roles by the account that it is deployed in, or one principal for all of them. */
function trustedBy(trust: string, partition: string, fleet: Fleet): (role: RoleName) => string {
  if (/^\d{12}$/.test(trust)) return (role) => `arn:${partition}:iam::${trust}:role/${roleNameOf(fleet.name, role)}`;
  if (/^arn:[\w-]+:iam::\d{12}:(role|user)\/.+$/.test(trust)) return () => trust;
  throw new InputError([
    {
      where: '--trust',
      message: `${JSON.stringify(trust)} is neither an account number nor the ARN of an IAM role or user`,
      fix: 'name the account that Nolapse is deployed in, or what it runs as elsewhere: aws sts get-caller-identity',
    },
  ]);
}

const trusted = (roles: readonly RoleName[], arnOf: (role: RoleName) => string): Trusted => {
  const principals = [...new Set(roles.map(arnOf))];
  return { account: principals[0]?.split(':')[4] ?? '', principals };
};

const UPDATE =
  'A role that is there already is updated by aws iam update-assume-role-policy --policy-document instead of create-role.';
const NO_ID =
  'No externalId is named in the fleet file. Name one there and print this again: it keeps anybody else from using the role through Nolapse.';

const hasId = ({ trust }: AccountRole): boolean => trust.statements.every(({ conditions }) => conditions?.StringEquals);

function dns({ name: account, trust }: AccessOptions, fleet: Fleet): Printed {
  const accounts = dnsAccounts(fleet);
  if (!accounts.includes(account)) throw noZoneIn(account, accounts);
  const partition = roleArnOf(fleet.zones.find(({ roleArn }) => roleArn)?.roleArn ?? '')?.partition ?? 'aws';
  const who = trusted(['issue'], trustedBy(trust, partition, fleet));
  const roles = dnsRoles(fleet, account, who);
  const zones = fleet.zones.filter(({ roleArn }) => roleArnOf(roleArn ?? '')?.account === account);
  return {
    document: { roles: roles.map(roleDocument) },
    lines: [
      ...comment(
        `For the owner of the AWS account ${account}: by this role Nolapse (fleet ${fleet.name}) answers ACME challenges in ${zones.map((zone) => `${zone.name} (${zone.hostedZoneId})`).join(', ')}. It adds and removes TXT records called _acme-challenge and may do nothing else. ${who.principals.join(', ')} may take it.`,
      ),
      ...comment('Read it, then run it as an administrator of that account: each command is of the AWS CLI.'),
      ...comment(UPDATE),
      ...(roles.every(hasId) ? [] : comment(NO_ID)),
      ...roles.flatMap(roleCommands),
    ],
  };
}

function noZoneIn(account: string, accounts: readonly string[]): InputError {
  const near = nearestWord(account, accounts);
  const fix = near ? `did you mean ${near}?` : 'name the role of the account in roleArn of its zones, in spec.zones';
  const message = `no zone of the fleet names a role in the account ${JSON.stringify(account)}; accounts of zones: ${listed(accounts)}`;
  return new InputError([{ where: '--account', message, fix }]);
}

function eksCluster(name: string, fleet: Fleet): EksCluster {
  const found = clusterNamed(name, fleet);
  if (isEks(found)) return found;
  const message = `${name} is reached by a kubeconfig, for which AWS needs no role`;
  throw new InputError([
    { where: '<cluster>', message, fix: `see what the cluster itself must allow: nolapse rbac ${name}` },
  ]);
}

function cluster({ name, trust }: AccessOptions, fleet: Fleet): Printed {
  const found = eksCluster(name, fleet);
  const { roleArn, clusterName, region } = found.access;
  const arnOf = trustedBy(trust, roleArnOf(roleArn ?? '')?.partition ?? 'aws', fleet);
  const role = clusterRole(found, trusted(rolesIn(found, fleet), arnOf));
  const entries = accessEntries(found, fleet, arnOf);
  const owner = role ? `the AWS account ${roleArnOf(role.roleArn)?.account}` : `the EKS cluster ${clusterName}`;
  return {
    document: { ...(role ? { role: roleDocument(role) } : {}), accessEntries: entries.map(entryDocument) },
    lines: [
      ...comment(
        `For the owner of ${owner}: by this Nolapse (fleet ${fleet.name}) finds the EKS cluster ${clusterName} in ${region} and is known in it by groups of its own. What these may do there is RBAC's: nolapse rbac ${name}`,
      ),
      ...comment('Read it, then run it as an administrator of that account: each command is of the AWS CLI.'),
      ...(role ? [...comment(UPDATE), ...(hasId(role) ? [] : comment(NO_ID)), ...roleCommands(role)] : []),
      ...entries.map(entryCommand),
    ],
  };
}

const entryDocument = ({ clusterName, region, principalArn, groups }: AccessEntry): object => ({
  ...{ clusterName, region, principalArn, kubernetesGroups: groups, type: 'STANDARD' },
});

/** Throws InputError for an account or a cluster that the fleet does not have. */
export const access = (options: AccessOptions, fleet: Fleet): Printed =>
  options.to === 'dns' ? dns(options, fleet) : cluster(options, fleet);
