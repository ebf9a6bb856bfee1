/** `demo --story`: one cluster in which everything seems to run, one command, and the seven things that it finds. */
import { writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import type { Seen } from '../../sandbox/control.ts';
import { kubeconfigOf } from '../../sandbox/handout.ts';
import { startSandbox } from '../../sandbox/start.ts';
import { FAILED } from '../exit-code.ts';
import type { Check } from './check.ts';
import { close, nearer, useEnvironment } from './reader.ts';
import { findingsIn } from './said.ts';
import type { Stage } from './stage.ts';
import { SEVEN, STORY_POLICY, storyObjects } from './story.ts';

const CLUSTER = 'prod';
const ZONE = { id: 'Z0123456789STORY', name: 'shop.example' };
const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

const OPENING =
  'One cluster of a small company, on this machine, gone when the demo ends. cert-manager is said to look after it, ' +
  'every Pod runs, and nobody has heard an alarm. Seven things are wrong with its certificates.';

const FLEET = `# The fleet of the story: everything is looked at; names of the intranet would be renewed if they could be proved.
apiVersion: nolapse.dev/v1
kind: Fleet
metadata: { name: story }
spec:
  clusters:
    - name: ${CLUSTER}
      kubeconfig: { path: kubeconfig, context: ${CLUSTER} }
      mode: audit
      namePolicy: ${JSON.stringify(STORY_POLICY)}
  zones:
    - { name: ${ZONE.name}, hostedZoneId: ${ZONE.id} }
`;

function requestsOf({ server, caPem }: { readonly server: string; readonly caPem: string }): Promise<readonly Seen[]> {
  return new Promise((resolve, reject) => {
    get(`${server}/_sandbox/requests`, { ca: caPem, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    }).on('error', reject);
  });
}

function checksOf(answer: string, seen: readonly Seen[]): readonly Check[] {
  const findings = findingsIn(answer);
  const named = SEVEN.map(({ what, codes }) => ({
    claim: `${what}: ${codes.join(', ')}`,
    holds: codes.every((code) => findings.some((finding) => finding.startsWith(`${code} `))),
  }));
  const writes = seen.filter(({ verb = '', user }) => WRITES.includes(verb) && user === 'nolapse').length;
  return [
    ...named,
    { claim: `${seen.length} requests seen by the cluster, ${writes} of them writes`, holds: writes === 0 },
  ];
}

export interface StoryOptions {
  readonly stage: Stage;
  /** Of the demo, absolute; it becomes the working directory. */
  readonly folder: string;
  readonly now: Date;
  /** As DemoOptions.command. */
  readonly command: readonly string[];
}

/** Tells it; the exit code: 0, or 3 when a check does not hold. */
export async function tellStory({ stage, folder, now, command }: StoryOptions): Promise<number> {
  const cwd = process.cwd();
  stage.tell(OPENING);
  stage.lines(['', `$ cd ${nearer(cwd, folder)}`]);
  const sandbox = await startSandbox({
    zones: [ZONE],
    clusters: [{ name: CLUSTER, certManagerCrds: true, objects: await storyObjects(now) }],
    command: [...command, 'part'],
  });
  try {
    await writeFile(join(folder, 'kubeconfig'), kubeconfigOf(sandbox.clusters), { mode: 0o600 });
    await writeFile(join(folder, 'fleet.yaml'), FLEET);
    process.chdir(folder);
    useEnvironment(sandbox.env, folder);
    stage.title('What is wrong, since when, and what helps?');
    const { answer } = await stage.play('inventory --all', { name: '1-inventory.txt' });
    const [cluster] = sandbox.clusters;
    const checks = checksOf(answer, cluster ? await requestsOf(cluster) : []);
    stage.title('The seven, and whether they were found:');
    stage.checks(checks);
    close(stage, command, cwd);
    return checks.every(({ holds }) => holds) ? 0 : FAILED;
  } finally {
    await sandbox.close();
  }
}
