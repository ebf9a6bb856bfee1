/** `npm run sandbox [-- <folder>]`: the whole sandbox until Ctrl-C, with a kubeconfig and a fleet file to use it with. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { handoutOf } from './handout.ts';
import { REGION, type Sandbox, startSandbox } from './start.ts';

const ZONE = { id: 'Z0EXAMPLECOM0000001', name: 'example.com' };
const CLUSTERS = ['east', 'west'];
const SHOP = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };

async function makeTopic({ awsUrl }: Sandbox): Promise<string> {
  const credentials = { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' };
  const sns = new SNSClient({ endpoint: awsUrl, region: REGION, credentials });
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'nolapse' }));
  return TopicArn;
}

async function handOut(sandbox: Sandbox, folder: string): Promise<string> {
  const kubeconfigPath = join(folder, 'kubeconfig');
  const { kubeconfig, fleet, environment } = handoutOf({ sandbox, kubeconfigPath, topicArn: await makeTopic(sandbox) });
  await writeFile(kubeconfigPath, kubeconfig, { mode: 0o600 });
  await writeFile(join(folder, 'fleet.yaml'), fleet);
  await writeFile(join(folder, 'environment'), environment, { mode: 0o600 });
  return environment;
}

const usage = (
  folder: string,
  environment: string,
): string => `The sandbox runs: clusters ${CLUSTERS.join(' and ')}, zone ${ZONE.name}, a CA, and AWS.

${environment}
In another terminal:

  . ${join(folder, 'environment')}
  npm run -s nolapse -- inventory --fleet ${join(folder, 'fleet.yaml')} --state ${join(folder, 'state')}
  npm run -s nolapse -- plan --fleet ${join(folder, 'fleet.yaml')} --state ${join(folder, 'state')}
  npm run -s nolapse -- run --fleet ${join(folder, 'fleet.yaml')} --state ${join(folder, 'state')}

Ctrl-C ends it; nothing in it is kept.
`;

/** A folder that was named stays; one that was not goes with the sandbox. */
async function main(named: string | undefined): Promise<void> {
  const folder = named === undefined ? await mkdtemp(join(tmpdir(), 'nolapse-sandbox-')) : resolve(named);
  await mkdir(folder, { recursive: true });
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const sandbox = await startSandbox({
    zones: [ZONE],
    clusters: CLUSTERS.map((name) => ({ name, certManagerCrds: true, objects: [SHOP] })),
    insync: { minMs: 2_000, maxMs: 6_000 },
  });
  try {
    process.stdout.write(usage(folder, await handOut(sandbox, folder)));
    await ended;
  } finally {
    await sandbox.close();
    if (named === undefined) await rm(folder, { recursive: true, force: true });
  }
}

await main(process.argv[2]);
