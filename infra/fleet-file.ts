/** The fleet that is deployed: read from its file and checked, so that what the service could not do is said before anything is made. */
import { createHash } from 'node:crypto';
import * as files from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Environment } from '../shared/contract/environment.ts';
import type { Fleet } from '../shared/contract/fleet.ts';
import { type LoadedFleet, loadFleet } from '../shared/fleet/load.ts';

/** Throws InputError with every problem of the fleet file, at its place. */
export function deployable(given: string | Fleet): LoadedFleet {
  const { fleet, notices }: LoadedFleet =
    typeof given === 'string'
      ? loadFleet({ path: given, home: homedir(), files, isDeployed: true })
      : { fleet: given, notices: [] };
  return { fleet: { ...fleet, isDeployed: true }, notices };
}

export interface FleetFile {
  readonly layer: LayerVersion;
  readonly address: Environment['fleet'];
}

const NAME = 'fleet.json';

/** The fleet as a layer of every function: they parse what was checked here, ask nobody for it, and believe no other. */
export function fleetFileOf(scope: Construct, fleet: Fleet): FleetFile {
  const text = JSON.stringify(fleet);
  const folder = files.mkdtempSync(join(tmpdir(), 'nolapse-fleet-'));
  try {
    files.writeFileSync(join(folder, NAME), text);
    const layer = new LayerVersion(scope, 'Fleet', {
      description: `Nolapse: the fleet ${fleet.name}`,
      code: Code.fromAsset(folder),
      compatibleRuntimes: [Runtime.NODEJS_24_X],
    });
    // Lambda unpacks layers there
    return { layer, address: { file: `/opt/${NAME}`, sha256: createHash('sha256').update(text).digest('hex') } };
  } finally {
    files.rmSync(folder, { recursive: true });
  }
}
