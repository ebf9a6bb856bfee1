/** Proves that the scenarios' stand-ins for kubectl leave behind what kubectl itself leaves behind. */
import { deepStrictEqual } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adminClient } from '../scenarios/harness/admin-client.ts';
import type { Manifest } from '../scenarios/harness/world.ts';
import { command } from './command.ts';
import type { RealStack } from './stack.ts';

const NAMESPACE = 'kubectl-check';

const secret = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: NAMESPACE },
  type: 'Opaque',
  data: { a: 'Yg==' },
});

/** What ownership is decided by. */
function traces(manifest: Manifest | undefined, name: string): unknown {
  const { metadata } = manifest ?? {};
  return {
    managers: metadata?.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`),
    annotations: Object.entries(metadata?.annotations ?? {}).map(([key, text]) => [
      key,
      sorted(text.replaceAll(name, 'NAME')),
    ]),
  };
}

/** kubectl fills in `annotations: {}` and sorts keys; the meaning is the same. */
function sorted(text: string): unknown {
  const { metadata, ...rest } = JSON.parse(text) as Manifest;
  return { ...rest, metadata: { name: metadata.name, namespace: metadata.namespace } };
}

/** Throws when `create` or `applyClientSide` of the harness and kubectl's own differ in managers or annotations. */
export async function checkKubectl({ tools, kubernetes, folder }: RealStack): Promise<void> {
  const [access] = kubernetes.clusters;
  const admin = adminClient(access);
  await admin.namespace(NAMESPACE);
  const ca = join(folder, 'kubectl-ca.pem');
  await writeFile(ca, access.caPem);
  const reach = [`--server=${access.url}`, `--token=${access.token}`, `--certificate-authority=${ca}`];
  const byKubectl = async (verb: 'create' | 'apply', name: string) => {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify(secret(name)));
    await command(tools.kubectl, [verb, ...reach, '-f', file], { env: { KUBECONFIG: '', HOME: folder } });
    return traces(await admin.get({ kind: 'Secret', namespace: NAMESPACE, name }), name);
  };
  const created = traces(await admin.create(secret('harness-create')), 'harness-create');
  const applied = traces(await admin.applyClientSide(secret('harness-apply')), 'harness-apply');
  deepStrictEqual(created, await byKubectl('create', 'kubectl-create'), 'create leaves what kubectl create leaves');
  deepStrictEqual(
    applied,
    await byKubectl('apply', 'kubectl-apply'),
    'applyClientSide leaves what kubectl apply leaves',
  );
  console.log('\n  passed  kubectl create and kubectl apply leave what the harness leaves (2 assertions)');
}
