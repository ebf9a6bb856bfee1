/** The most memory that the function inventory has at once while it reads a cluster with many TLS Secrets: the first time, and when it knows them. */
import { readFile } from 'node:fs/promises';
import { writeFleet } from '../scenarios/harness/fleet-file.ts';
import { serviceKind } from '../scenarios/harness/sandbox-world.ts';
import type { ServiceWorld } from '../scenarios/harness/service-world.ts';
import { selfSignedPair, tlsSecret } from '../scenarios/harness/tls-secrets.ts';

export interface Pass {
  /** VmHWM of the process, which was started for this pass. Nothing limits it, as Lambda would. */
  readonly peakBytes: number;
  readonly wallMs: number;
  readonly requests: number;
}

const NAMESPACES = 50;
const AT_ONCE = 16;

/** Certificates of their own, spread over namespaces. */
async function plantSecrets({ clusters: [{ admin }], zone }: ServiceWorld, count: number): Promise<void> {
  for (let n = 0; n < NAMESPACES; n += 1) await admin.namespace(`team-${n}`);
  const left = Array.from({ length: count }, (_, n) => n);
  const plantNext = async (): Promise<void> => {
    for (let n = left.pop(); n !== undefined; n = left.pop()) {
      const pair = await selfSignedPair([`host-${n}.${zone.name}`]);
      await admin.create(tlsSecret({ namespace: `team-${n % NAMESPACES}`, name: `tls-${n}` }, pair));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, plantNext));
}

async function peakOf(pid: number): Promise<number> {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

async function pass({ service, recorder, clusters: [{ name: cluster }] }: ServiceWorld): Promise<Pass> {
  const { inventory } = service.functions();
  const before = recorder.seen().length;
  const startedAt = performance.now();
  const invoked = await service.host.invoke(inventory, { cluster });
  const wallMs = performance.now() - startedAt;
  if (invoked.is === 'failed') throw new Error(`${invoked.error.errorType}: ${invoked.error.errorMessage}`);
  const [environment] = service.host.environments(inventory);
  if (!environment) throw new Error('inventory answered and is gone');
  const peakBytes = await peakOf(environment.pid);
  await environment.end();
  const asked = recorder.seen().slice(before);
  return { peakBytes, wallMs, requests: asked.filter(({ server }) => server === cluster).length };
}

/** Needs /proc. */
export async function inventoryMemory(secrets: number): Promise<{ readonly first: Pass; readonly steady: Pass }> {
  const world = (await serviceKind.open({ name: 'bench lambda', run: async () => undefined })) as ServiceWorld;
  try {
    await plantSecrets(world, secrets);
    await world.deploy(await writeFleet(world, { mode: 'audit' }));
    return { first: await pass(world), steady: await pass(world) };
  } finally {
    await world.close();
  }
}
