/** The service of the deployable example, synthesised, with every reference of its templates as plain text: `<id>`, `<id.Attribute>`. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, type Stack as CdkStack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AccessStack } from '../../infra/access-stack.ts';
import { deployable } from '../../infra/fleet-file.ts';
import { ServiceStack } from '../../infra/service-stack.ts';
import { FUNCTIONS } from '../../shared/contract/environment.ts';
import type { Fleet } from '../../shared/contract/fleet.ts';

const root = resolve(import.meta.dirname, '../..');

export const FLEET_FILE = join(root, 'docs/examples/service/fleet.yaml');

export type Json = Readonly<Record<string, unknown>>;

/** What a template says of one resource. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  /** Of the construct: `Certs/State/Table`. */
  readonly path: string;
  readonly properties: Json;
  readonly deletionPolicy: unknown;
  readonly condition: unknown;
  readonly dependsOn: readonly string[];
}

export interface Stack {
  readonly resources: readonly Resource[];
  readonly outputs: Json;
  readonly conditions: Json;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function intrinsic(key: string, value: unknown): string | undefined {
  switch (key) {
    case 'Ref':
      return `<${value}>`;
    case 'Fn::GetAtt':
      return `<${(value as readonly string[]).join('.')}>`;
    case 'Fn::Join': {
      const [separator, parts] = value as readonly [string, readonly unknown[]];
      return parts.map(plain).join(separator);
    }
    case 'Fn::Sub':
      return String(value).replaceAll(/\$\{([^}]+)\}/g, '<$1>');
    case 'Fn::ImportValue': {
      // of another stack: id and attribute are in the export's name
      const [, id, attribute] = /:ExportsOutput(?:Ref|FnGetAtt)(.*?)(Arn)?[0-9A-F]{8}$/.exec(String(value)) ?? [];
      return attribute ? `<${id}.${attribute}>` : `<${id}>`;
    }
    default:
      return undefined;
  }
}

/** The value with every reference as text. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isJson(value)) return value;
  const [[key, only] = ['', undefined], ...others] = Object.entries(value);
  const text = others.length === 0 ? intrinsic(key, only) : undefined;
  return text ?? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

function stackOf(folder: string, name: string): Stack {
  const template = JSON.parse(readFileSync(join(folder, `${name}.template.json`), 'utf8'));
  const { Resources, Outputs = {}, Conditions = {} } = template as Readonly<Record<string, Json>>;
  const resources = Object.entries(Resources as Readonly<Record<string, Json>>).map(([id, resource]) => ({
    id,
    type: String(resource.Type),
    path: String((resource.Metadata as Json)['aws:cdk:path']).replace(/^[^/]*\/|\/Resource$/g, ''),
    properties: plain(resource.Properties ?? {}) as Json,
    deletionPolicy: resource.DeletionPolicy,
    condition: resource.Condition,
    dependsOn: (resource.DependsOn ?? []) as readonly string[],
  }));
  return { resources, outputs: plain(Outputs) as Json, conditions: Conditions };
}

export interface Synthesised {
  readonly fleet: Fleet;
  readonly access: Stack;
  readonly service: Stack;
}

/** The templates need bundles, whatever is in them. */
function someBundles(folder: string): string {
  for (const name of FUNCTIONS) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'index.mjs'), 'export const handler = async () => {};\n');
  }
  return folder;
}

/** As the app does it, for every account and region, with whatever else is `planted`. Throws what cdk-nag and CloudFormation's rules find. */
export function synthesised(plant: (stack: CdkStack) => void = () => undefined): Synthesised {
  const folder = mkdtempSync(join(tmpdir(), 'nolapse-synth-'));
  try {
    const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
    const app = new App({
      outdir: join(folder, 'out'),
      context: { ...context, 'aws:cdk:enable-path-metadata': true },
      analyticsReporting: false,
    });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const { fleet } = deployable(FLEET_FILE);
    const { roles } = new AccessStack(app, 'access', { fleet });
    plant(new ServiceStack(app, 'service', { fleet, roles, bundles: someBundles(join(folder, 'functions')) }));
    const { directory } = app.synth();
    return { fleet, access: stackOf(directory, 'access'), service: stackOf(directory, 'service') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
