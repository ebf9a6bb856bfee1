/** The fleet that is deployed: read from its file and checked, so that what the service could not do is said before anything is made. */
import { createHash } from 'node:crypto';
import * as files from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { Fleet } from '../shared/contract/fleet.ts';
import { type LoadedFleet, loadFleet } from '../shared/fleet/load.ts';

/** Throws InputError with every problem of the fleet file, at its place. */
export const deployable = (fleet: string | Fleet): LoadedFleet =>
  typeof fleet === 'string'
    ? loadFleet({ path: fleet, home: homedir(), files, isDeployed: true })
    : { fleet, notices: [] };

export interface FleetFile {
  readonly asset: Asset;
  readonly sha256: string;
}

/** fleet.json as an asset: the functions parse what was checked here, and believe no other. */
export function fleetFileOf(scope: Construct, fleet: Fleet): FleetFile {
  const text = JSON.stringify(fleet);
  const folder = files.mkdtempSync(join(tmpdir(), 'nolapse-fleet-'));
  try {
    const path = join(folder, 'fleet.json');
    files.writeFileSync(path, text);
    return { asset: new Asset(scope, 'Fleet', { path }), sha256: createHash('sha256').update(text).digest('hex') };
  } finally {
    files.rmSync(folder, { recursive: true });
  }
}
