/** The whole sandbox, a fleet file and the command beside it, for looks at set-ups that one part alone can break. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseAllDocuments, stringify } from 'yaml';
import type { Checked } from '../../../cli/doctor/diagnose.ts';
import { handoutOf } from '../../../sandbox/handout.ts';
import { type SandboxOptions, startSandbox } from '../../../sandbox/start.ts';
import { surroundings } from '../surroundings.ts';

const MAIN = resolve(import.meta.dirname, '../../../cli/main.ts');
export const TOPIC = 'arn:aws:sns:eu-west-1:000000000000:nolapse';

type Documents = Record<string, unknown>[];

export interface Looked {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `-o json`. */
  readonly checks: readonly Checked[];
}

/** In the file of the sandbox `edit` may change what it likes. */
export async function openDoctorWorld(options: Pick<SandboxOptions, 'zones' | 'clusters'>) {
  const home = await mkdtemp(join(tmpdir(), 'nolapse-doctor-'));
  const sandbox = await startSandbox(options);
  const kubeconfigPath = join(home, 'kubeconfig');
  const { fleet, kubeconfig } = handoutOf({ sandbox, kubeconfigPath, topicArn: TOPIC });
  await writeFile(kubeconfigPath, kubeconfig);
  const env = { ...surroundings(home), ...sandbox.env };
  const door = (url: string, method: string, body?: object) =>
    fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const overTls = (at: URL, ca: string, { method, body }: { method: string; body?: object }): Promise<void> =>
    new Promise((settle, reject) => {
      const asked = request(at, { method, ca, agent: false }, (answer) => {
        answer.resume().on('end', () => settle());
      });
      asked.on('error', reject).end(body && JSON.stringify(body));
    });
  const atCa = (method: string, body?: object): Promise<void> =>
    overTls(new URL('/_sandbox/faults', sandbox.directory), sandbox.acmeCaPem, { method, ...(body && { body }) });
  const nolapse = async (...args: readonly string[]): Promise<Looked> => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    const isJson = args.includes('json') && stdout.startsWith('{');
    return { code: code as number, stdout, stderr, checks: isJson ? (JSON.parse(stdout).checks ?? []) : [] };
  };
  return {
    ...{ home, sandbox, nolapse },
    write: async (edit: (documents: Documents) => void = () => undefined): Promise<void> => {
      const documents = parseAllDocuments(fleet).map((document) => document.toJS()) as Documents;
      edit(documents);
      await writeFile(join(home, 'fleet.yaml'), documents.map((one) => stringify(one)).join('---\n'));
    },
    doctor: (...args: readonly string[]) => nolapse('doctor', '-o', 'json', ...args),
    plant: async (cluster: string, ...objects: readonly object[]): Promise<void> => {
      for (const { name, server, caPem } of sandbox.clusters)
        if (name === cluster)
          await overTls(new URL('/_sandbox/objects', server), caPem, { method: 'POST', body: objects });
    },
    faultCa: (fault: object) => atCa('POST', fault),
    faultAws: async (fault: object) => void (await door(`${sandbox.awsUrl}/_sandbox/faults`, 'POST', fault)),
    mend: async () => {
      await atCa('DELETE');
      await door(`${sandbox.awsUrl}/_sandbox/faults`, 'DELETE');
    },
    close: async () => {
      await sandbox.close();
      await rm(home, { recursive: true });
    },
  };
}

export const one = (checks: readonly Checked[], check: string, subject?: string): Checked | undefined =>
  checks.find((each) => each.check === check && (subject === undefined || each.subject === subject));
