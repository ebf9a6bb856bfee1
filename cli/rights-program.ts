/** The commands that print what other owners must apply: their arguments, and help with examples. */
import type { Command as Program } from 'commander';
import { examples } from './output/help.ts';
import type { RawOptions } from './settings.ts';

export interface AccessOptions {
  readonly to: 'dns' | 'cluster';
  /** An account number, or the name of a cluster. */
  readonly name: string;
  /** Who is to have access: the account of the deployed service, or the ARN of a role or user. */
  readonly trust: string;
}

export interface RbacOptions {
  readonly cluster: string;
  readonly audit: boolean;
  /** `<kind>:<name>`; absent = the groups that access entries of EKS give. */
  readonly bind?: string;
  /** `<namespace>/<name>`. */
  readonly issuerSecrets: readonly string[];
}

export type RightsAsked =
  | ({ readonly command: 'access'; readonly raw: RawOptions } & AccessOptions)
  | ({ readonly command: 'rbac'; readonly raw: RawOptions } & RbacOptions);

type Take = (asked: RightsAsked) => void;

const TRUST = 'who may take it: the account number of the deployed service, or the ARN of a role or user';

const DNS = 'access dns --account 222222222222 --trust 111111111111';
const CLUSTER = 'access cluster prod-eu --trust 111111111111';

const collected = (word: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), word];

function addAccess(program: Program, take: Take): void {
  const access = program
    .command('access')
    .description('print the AWS roles that owners of other accounts must make; needs the fleet file and nothing else')
    .addHelpText('after', examples(DNS, CLUSTER));
  access
    .command('dns')
    .requiredOption('--account <number>', 'the account that hosted zones of the fleet are in')
    .requiredOption('--trust <who>', TRUST)
    .description('the role that answers challenges in the zones of one account, and may do nothing else there')
    .addHelpText(
      'after',
      examples(DNS, 'access dns --account 222222222222 -o json \\\n      --trust arn:aws:iam::111111111111:role/ci'),
    )
    .action(({ account, trust }: { account: string; trust: string }, command: Program) =>
      take({ command: 'access', to: 'dns', name: account, trust, raw: command.optsWithGlobals() }),
    );
  access
    .command('cluster')
    .argument('<cluster>', 'an EKS cluster of the fleet')
    .requiredOption('--trust <who>', TRUST)
    .description('the role by which an EKS cluster is found and known, and its access entries')
    .addHelpText('after', examples(CLUSTER))
    .action((name: string, { trust }: { trust: string }, command: Program) =>
      take({ command: 'access', to: 'cluster', name, trust, raw: command.optsWithGlobals() }),
    );
}

function addRbac(program: Program, take: Take): void {
  program
    .command('rbac')
    .argument('<cluster>', 'a cluster of the fleet')
    .option('--audit', 'only what is needed to look and tell, whatever its mode')
    .option('--bind <subject>', 'user:<name>, group:<name> or serviceaccount:<namespace>/<name> (default: own groups)')
    .option('--issuer-secret <secret>', '<namespace>/<name> that an issuer found there names; repeatable', collected)
    .description('print the Kubernetes RBAC that a cluster needs; needs the fleet file or --context, and nothing else')
    .addHelpText(
      'after',
      examples(
        'rbac prod-eu | kubectl --context prod-eu apply -f -',
        'rbac prod-eu --audit --bind user:nolapse',
        'rbac prod --context prod --bind user:ada',
        'rbac prod-eu --issuer-secret cert-manager/internal-ca',
      ),
    )
    .action((cluster: string, options: RbacFlags, command: Program) => {
      const { audit = false, bind, issuerSecret: issuerSecrets = [] } = options;
      const raw: RawOptions = command.optsWithGlobals();
      take({ command: 'rbac', cluster, audit, issuerSecrets, raw, ...(bind === undefined ? {} : { bind }) });
    });
}

interface RbacFlags {
  readonly audit?: boolean;
  readonly bind?: string;
  readonly issuerSecret?: readonly string[];
}

export function addRights(program: Program, take: Take): void {
  addAccess(program, take);
  addRbac(program, take);
}
