/** From contexts to a fleet file: those that ask AWS for an EKS token become EKS clusters, and are read without the kubeconfig. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inventoryIn } from './harness/answers.ts';
import { scenario } from './harness/scenario.ts';
import { writesSince } from './harness/served.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { World } from './harness/world.ts';

interface Kubeconfig {
  readonly contexts: readonly { readonly name: string; readonly context: { readonly cluster: string } }[];
}

/** The kubeconfig of the world as `aws eks update-kubeconfig` would write it. */
async function eksKubeconfig({ clusters, kubeconfigPath, folder }: World): Promise<string> {
  const config = JSON.parse(await readFile(kubeconfigPath, 'utf8')) as Kubeconfig;
  const users = clusters.map(({ name, eks: { clusterName, region, roleArn } }) => {
    const args = ['eks', 'get-token', '--cluster-name', clusterName, '--region', region, '--role-arn', roleArn];
    return { name, user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', args } } };
  });
  const contexts = clusters.map(({ name, context }) => {
    const cluster = config.contexts.find((one) => one.name === context)?.context.cluster;
    return { name, context: { cluster, user: name } };
  });
  const path = join(folder, 'eks-kubeconfig');
  await writeFile(path, JSON.stringify({ ...config, users, contexts }));
  return path;
}

scenario(
  'contexts of EKS become a fleet file that needs no kubeconfig and finds the same certificates',
  { needs: ['one-process'], because: 'contexts are on a machine' },
  async (world, check) => {
    for (const { admin, name } of world.clusters) {
      await admin.namespace('shop');
      const pair = await selfSignedPair([`${name}.${world.zone.name}`]);
      await admin.create(tlsSecret({ namespace: 'shop', name: 'shop-tls' }, pair));
    }
    const kubeconfig = await eksKubeconfig(world);
    const contexts = ['--kubeconfig', kubeconfig, '--context', 'east', '--context', 'west'];
    const state = join(world.folder, 'contexts');
    const [fleet, mark] = [join(world.folder, 'drafted.yaml'), world.recorder.mark()];
    const made = await world.nolapse(['init', ...contexts, '--out', fleet], { state });
    check.equal(made.code, 0, `the exit code of init\n${made.stdout}\n${made.stderr}`);
    const text = await readFile(fleet, 'utf8');
    check.equal(text.match(/^ {6}eks: .* # from the exec entry of the context$/gm)?.length, 2, 'clusters by EKS');
    const looked = inventoryIn(await world.nolapse(['inventory', ...contexts, '-o', 'json'], { state }));
    await rm(kubeconfig);
    const found = inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
    check.equal(found.certificates.length, 2, 'certificates');
    check.deepEqual(found.certificates, looked.certificates, 'certificates by the file and by the contexts');
    check.deepEqual(writesSince(world, mark), [], 'what was written');
  },
);
