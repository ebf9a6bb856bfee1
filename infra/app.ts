/** The app of this repository: `npx cdk deploy --all -c fleet=fleet.yaml`. Two stacks of one fleet, from the sources as they are. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { InputError } from '../shared/contract/problem.ts';
import { AccessStack } from './access-stack.ts';
import { buildFunctions } from './bundles.ts';
import { deployable } from './fleet-file.ts';
import { ServiceStack } from './service-stack.ts';

/** Where cdk stands, or nowhere in particular: then the templates fit every account and region. */
function environment(): { readonly account?: string; readonly region?: string } {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return { ...(account ? { account } : {}), ...(region ? { region } : {}) };
}

const FLEET_FILE = 'fleet.yaml';

function fleetPath(app: App): string {
  const named: unknown = app.node.tryGetContext('fleet');
  if (typeof named === 'string') return named;
  if (existsSync(FLEET_FILE)) return FLEET_FILE;
  const message = `no fleet file is named and there is no ${FLEET_FILE} in this folder`;
  throw new InputError([{ where: '-c fleet', message, fix: 'name one: npx cdk deploy --all -c fleet=<path>' }]);
}

async function synthesise(app: App): Promise<void> {
  const { fleet, notices } = deployable(fleetPath(app));
  for (const notice of notices) process.stderr.write(`${notice}\n`);
  const bundles = mkdtempSync(join(tmpdir(), 'nolapse-functions-'));
  try {
    await buildFunctions(bundles);
    const env = environment();
    const { roles } = new AccessStack(app, `nolapse-${fleet.name}-access`, { env, fleet });
    new ServiceStack(app, `nolapse-${fleet.name}-service`, { env, fleet, roles, bundles });
    app.synth();
  } finally {
    rmSync(bundles, { recursive: true });
  }
}

try {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  await synthesise(app);
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  for (const { where, message, fix } of error.problems)
    process.stderr.write(`${where}: ${message}\n${fix ? `  fix: ${fix}\n` : ''}`);
  // an app that is left alone is synthesised when its process ends
  process.exit(1);
}
