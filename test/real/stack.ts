/** What all real worlds of one run share because it is slow to start: API servers, etcd and moto. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePrivateCa, type PrivateCa } from '../scenarios/harness/private-ca.ts';
import { type EksStandIn, startEks } from './eks.ts';
import { type Kubernetes, startKubernetes } from './kubernetes.ts';
import { ensureMoto, type Moto, startMoto } from './moto.ts';
import { ensureCrds, ensureTools, type Tools } from './tools.ts';

export interface Prepared {
  readonly tools: Tools;
  readonly crds: readonly string[];
  /** moto's Python environment. */
  readonly moto: string;
}

export interface RealStack {
  readonly tools: Tools;
  readonly ca: PrivateCa;
  readonly kubernetes: Kubernetes;
  readonly moto: Moto;
  readonly eks: EksStandIn;
  /** For logs and data of servers. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Has everything that must be built or installed: minutes on a machine's first run, moments after. The longest comes last. */
export async function prepare(): Promise<Prepared> {
  const moto = await ensureMoto();
  const crds = await ensureCrds();
  return { moto, crds, tools: await ensureTools() };
}

/** Starts what is shared. */
export async function startStack({ tools, crds, moto: environment }: Prepared): Promise<RealStack> {
  const folder = await mkdtemp(join(tmpdir(), 'nolapse-real-'));
  const ca = await makePrivateCa('Real parts');
  const moto = await startMoto(environment, folder);
  const eks = await startEks(moto.url);
  try {
    const kubernetes = await startKubernetes({ tools, ca, crds, folder, tokenReviewUrl: eks.tokenReviewUrl });
    const stop = async (): Promise<void> => {
      await kubernetes.stop();
      await eks.stop();
      await moto.stop();
      await rm(folder, { recursive: true, force: true });
    };
    return { tools, ca, kubernetes, moto, eks, folder, stop };
  } catch (error) {
    await eks.stop();
    await moto.stop();
    throw error;
  }
}
