/** The Lambdas: each with its own role, log and queue, and with nothing that another one needs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Architecture, type CfnFunction, Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../shared/contract/environment.ts';
import { InputError } from '../shared/contract/problem.ts';
import type { RoleName } from '../shared/rights/role-names.ts';
import { rolesOf } from '../shared/rights/roles.ts';
import { type Copy, copiesOf } from './copies.ts';
import type { FunctionRoles } from './function-roles.ts';
import { logRights, networkRights } from './lambda-rights.ts';
import { type Parts, resourcesOf, variablesFor } from './parts.ts';
import { Rights } from './rights.ts';
import { SETTINGS } from './settings.ts';

export interface FunctionsProps {
  readonly parts: Parts;
  readonly roles: FunctionRoles;
  /** Folder of the bundles. */
  readonly bundles: string;
}

function codeOf(bundles: string, name: FunctionName): Code {
  const folder = join(bundles, name);
  if (!existsSync(join(folder, 'index.mjs')))
    throw new InputError([
      { where: folder, message: 'there is no bundle of the function', fix: 'make it: npm run build:functions' },
    ]);
  return Code.fromAsset(folder);
}

export class Functions extends Construct {
  readonly lambdas: ReadonlyMap<RoleName, Lambda>;
  readonly #props: FunctionsProps;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.#props = props;
    const { parts } = props;
    const granted = new Map(rolesOf(parts.fleet, resourcesOf(parts)).map((one) => [one.role, one.granted]));
    this.lambdas = new Map(
      copiesOf(parts.fleet).map((copy) => {
        const log = this.#log(copy);
        const rights = new Rights(this, `${copy.name} rights`, {
          role: props.roles.of(copy.name),
          granted: [...(granted.get(copy.name) ?? []), ...logRights(log.logGroupArn), ...networkRights(copy)],
        });
        const lambda = this.#lambda(copy, log);
        // Lambda looks for the rights to enter a network, and to take from a queue, when these are made
        lambda.node.addDependency(rights);
        this.#ringBy(lambda, copy);
        return [copy.name, lambda] as const;
      }),
    );
  }

  of(name: FunctionName): Lambda {
    const lambda = this.lambdas.get(name);
    if (!lambda) throw new TypeError(`no function ${name}`);
    return lambda;
  }

  /** Gone with the stack: what is worth keeping is in the rows. */
  #log({ name }: Copy): LogGroup {
    const removalPolicy = RemovalPolicy.DESTROY;
    return new LogGroup(this, `${name} log`, { retention: RetentionDays.ONE_MONTH, removalPolicy });
  }

  #lambda(copy: Copy, logGroup: LogGroup): Lambda {
    const { parts, roles, bundles } = this.#props;
    const { does, memoryMiB, timeout } = SETTINGS[copy.runs];
    const lambda = new Lambda(this, copy.name, {
      description: `Nolapse ${parts.service}, ${copy.name}: ${does}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: codeOf(bundles, copy.runs),
      layers: [parts.fleetFile.layer],
      environment: { ...variablesFor(copy, parts) },
      // its rights are written out: what CDK would add by itself is not
      role: roles.of(copy.name),
      memorySize: memoryMiB,
      ...{ timeout, logGroup },
      // a wake that was lost is followed by another within the minute
      ...(copy.runs === 'wake' ? { retryAttempts: 0, maxEventAge: Duration.minutes(1) } : {}),
    });
    // as the fleet names them: nothing of the network is looked up
    if (copy.reach)
      (lambda.node.defaultChild as CfnFunction).vpcConfig = {
        subnetIds: [...copy.reach.subnetIds],
        securityGroupIds: [...copy.reach.securityGroupIds],
      };
    return lambda;
  }

  /** One lane's name a call: a call that fails is a message that failed, so nothing is reported item by item. */
  #ringBy(lambda: Lambda, { name, runs }: Copy): void {
    const bell = this.#props.parts.queues.bells.get(name);
    if (!bell) return;
    lambda.addEventSourceMapping('Ring', {
      eventSourceArn: bell.queue.queueArn,
      batchSize: 1,
      maxConcurrency: SETTINGS[runs].atOnce,
    });
  }
}
