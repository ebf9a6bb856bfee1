/** The service of a fleet, synthesised as `cdk synth` does it, from bundles that are made once for each process. */
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { AccessStack } from '../../infra/access-stack.ts';
import { buildFunctions } from '../../infra/bundles.ts';
import { ServiceStack } from '../../infra/service-stack.ts';
import type { Fleet } from '../../shared/contract/fleet.ts';
import type { Place } from './template.ts';

let folder: string | undefined;
let bundles: Promise<string> | undefined;
const assemblies = new Map<string, Promise<string>>();

const own = (): string => {
  folder ??= mkdtempSync(join(tmpdir(), 'nolapse-assembly-'));
  return folder;
};

/** Folder with `<function>/index.mjs`, made from the sources as they are now. */
export const builtFunctions = (): Promise<string> => {
  bundles ??= buildFunctions(join(own(), 'functions')).then(() => join(own(), 'functions'));
  return bundles;
};

async function synthesised(fleet: Fleet, env: Place, outdir: string): Promise<string> {
  const app = new App({ outdir, analyticsReporting: false });
  const { roles } = new AccessStack(app, 'access', { fleet, env });
  new ServiceStack(app, 'service', { fleet, roles, bundles: await builtFunctions(), env });
  app.synth();
  return outdir;
}

/** Folder of the cloud assembly. */
export function assembled(fleet: Fleet, place: Place): Promise<string> {
  const id = createHash('sha256')
    .update(JSON.stringify([fleet, place]))
    .digest('hex')
    .slice(0, 16);
  const known = assemblies.get(id) ?? synthesised(fleet, place, join(own(), id));
  assemblies.set(id, known);
  return known;
}
