/** What it costs to read a cluster: the first time, when it is known, and to tell of it; beside kubectl and a parser in the same run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KubernetesReady } from '../../sandbox/kubernetes/config.ts';
import { spawnPart } from '../../sandbox/spawn.ts';
import type { RealStack } from '../real/stack.ts';
import type { AdminAccess } from '../scenarios/harness/admin-client.ts';
import { builtCommand, COMPILED, NODE } from '../scenarios/harness/built-command.ts';
import { type Counted, type CountedFront, countedFront } from './counted-front.ts';
import type { Measured } from './lambda.ts';
import { NAMESPACES, secretMaker } from './many-secrets.ts';
import { type Line, megabytes, seconds, tableOf } from './table.ts';
import { type Usage, usageOf } from './usage.ts';

export interface Read extends Usage {
  readonly requests: number;
  /** Of answers, as they cross the wire: compressed where the client takes that. */
  readonly bytes: number;
  /** Of the first pass, so that shares can be told. */
  readonly firstBytes: number;
  /** Requests for Secrets that ask for more than metadata. */
  readonly bodies: number;
}

const MOST_BYTES = 256_000_000;
const MOST_SHARE = 0.2;
const AT_ONCE = 8;
const BATCH = 500;
const PARSER = fileURLToPath(new URL('./parsed-secrets.ts', import.meta.url));

const asksForBodies = ({ path, accept }: Counted): boolean =>
  /\/secrets([/?]|$)/.test(path) && !accept.includes('PartialObjectMetadata');

/** One POST after another on a few connections that stay open. */
function poster({ url, caPem, token }: AdminAccess) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, ca: caPem });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const post = (path: string, value: unknown): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { method: 'POST', agent, headers }, (answer) => {
        const status = answer.statusCode ?? 0;
        answer.resume().on('error', reject);
        answer.on('end', () => (status < 300 || status === 409 ? resolve() : reject(new Error(`${path}: ${status}`))));
      });
      sent.on('error', reject).end(JSON.stringify(value));
    });
  return { post, end: () => agent.destroy() };
}

async function plantOnReal(access: AdminAccess, count: number): Promise<void> {
  const { post, end } = poster(access);
  for (const name of NAMESPACES) await post('/api/v1/namespaces', { metadata: { name } });
  const make = await secretMaker();
  const left = Array.from({ length: count }, (_, n) => n);
  const plantNext = async (): Promise<void> => {
    for (let n = left.pop(); n !== undefined; n = left.pop()) {
      const secret = make(n);
      await post(`/api/v1/namespaces/${secret.metadata.namespace}/secrets?fieldManager=kubectl-create`, secret);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, plantNext));
  end();
}

async function plantOnSandbox(access: AdminAccess, count: number): Promise<void> {
  const { post, end } = poster(access);
  const make = await secretMaker();
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, n) => make(from + n));
    await post('/_sandbox/objects', batch);
  }
  end();
}

interface Place {
  readonly front: CountedFront;
  readonly folder: string;
  readonly kubeconfig: string;
}

async function within<T>(access: AdminAccess, work: (place: Place) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nolapse-bench-'));
  const front = await countedFront(access);
  const kubeconfig = join(folder, 'kubeconfig.json');
  const ca = Buffer.from(front.caPem).toString('base64');
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'bench' },
    clusters: [{ name: 'bench', cluster: { server: front.url, 'certificate-authority-data': ca } }],
    users: [{ name: 'bench', user: { token: access.token } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  try {
    return await work({ front, folder, kubeconfig });
  } finally {
    await front.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const asked = (front: CountedFront, usage: Usage, firstBytes?: number): Read => {
  const all = front.taken();
  const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
  return {
    ...usage,
    requests: all.length,
    bytes,
    firstBytes: firstBytes ?? bytes,
    bodies: all.filter(asksForBodies).length,
  };
};

/** Findings are no failure of a measurement. */
const CODES = [0, 1];

async function passOf({ front, folder, kubeconfig }: Place, output: string, firstBytes?: number): Promise<Read> {
  const args = [await builtCommand(), 'inventory', '--kubeconfig', kubeconfig, '--context', 'bench', '-o', output];
  const env = { HOME: folder, NODE_COMPILE_CACHE: COMPILED };
  const state = ['--state', join(folder, 'state')];
  return asked(front, await usageOf([{ program: NODE, args: [...args, ...state], env }], CODES), firstBytes);
}

async function byKubectl(kubectl: string, { front, folder, kubeconfig }: Place, firstBytes: number): Promise<Read> {
  const args = ['--kubeconfig', kubeconfig, 'get', 'secrets', '-A', '-o', 'json'];
  const pipe = [
    { program: kubectl, args, env: { HOME: folder } },
    { program: NODE, args: ['--disable-warning=ExperimentalWarning', PARSER] },
  ];
  return asked(front, await usageOf(pipe), firstBytes);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const millions = (bytes: number): string => `${(bytes / 1_000_000).toFixed(2)} MB`;

const LINES: readonly Line<Read>[] = [
  { what: 'wall time', value: (read) => read.wallMs, text: seconds },
  { what: 'CPU time, user and system', value: (read) => read.cpuMs, text: seconds },
  { what: 'peak memory (VmHWM)', value: (read) => read.peakBytes, text: megabytes },
  { what: 'requests', value: (read) => read.requests, text: String },
  { what: 'of these for bodies of Secrets', value: (read) => read.bodies, text: String },
  { what: 'bytes of answers on the wire', value: (read) => read.bytes, text: millions },
  { what: 'bytes / first pass', value: (read) => read.bytes / read.firstBytes, text: percent },
];

const PROMISE = `At most ${megabytes(MOST_BYTES)}; a steady pass asks for no body, and ${percent(MOST_SHARE)} of the bytes at most.`;

/** What a pass must keep: `steady` knows the cluster already. */
function brokenIn(name: string, { peakBytes, bytes, firstBytes, bodies }: Read, isSteady: boolean): readonly string[] {
  return [
    ...(peakBytes > MOST_BYTES ? [`${name}: ${megabytes(peakBytes)}, and ${megabytes(MOST_BYTES)} at most`] : []),
    ...(isSteady && bodies > 0 ? [`${name}: ${bodies} requests for bodies of Secrets that did not change`] : []),
    ...(isSteady && bytes > firstBytes * MOST_SHARE
      ? [`${name}: ${percent(bytes / firstBytes)} of the bytes, and ${percent(MOST_SHARE)} at most`]
      : []),
  ];
}

/** As many TLS Secrets on a real API server. */
export async function benchOnReal({ kubernetes, tools }: RealStack, secrets: number): Promise<Measured> {
  const [access] = kubernetes.clusters;
  await plantOnReal(access, secrets);
  return within(access, async (place) => {
    const first = await passOf(place, 'json');
    const steady = await passOf(place, 'json', first.bytes);
    const kubectl = await byKubectl(tools.kubectl, place, first.bytes);
    const { text } = tableOf(LINES, [
      { name: 'kubectl, parser', result: kubectl },
      { name: 'first pass', result: first },
      { name: 'steady pass', result: steady },
    ]);
    const broken = [...brokenIn('first pass', first, false), ...brokenIn('steady pass', steady, true)];
    return { text: [`${secrets} TLS Secrets on a real API server`, '', ...text, '', PROMISE], broken };
  });
}

/** As many on the sandbox, and each form of report after it. */
export async function benchOnSandbox(secrets: number): Promise<Measured> {
  const token = 'bench';
  const tokens = [{ token, user: 'bench', groups: ['system:masters'] }];
  const part = await spawnPart<KubernetesReady>('kubernetes', { name: 'bench', tokens });
  try {
    const access = { url: part.ready.server, caPem: part.ready.caPem, token };
    await plantOnSandbox(access, secrets);
    return await within(access, async (place) => {
      const first = await passOf(place, 'json');
      const forms = ['json', 'html', 'table', 'csv', 'prometheus'] as const;
      const steady: { readonly name: string; readonly result: Read }[] = [];
      for (const form of forms)
        steady.push({ name: `steady, ${form}`, result: await passOf(place, form, first.bytes) });
      const { text } = tableOf(LINES, [{ name: 'first, json', result: first }, ...steady]);
      const broken = steady.flatMap(({ name, result }) => brokenIn(name, result, true));
      return {
        text: [`${secrets} TLS Secrets on the sandbox`, '', ...text, '', PROMISE],
        broken: [...brokenIn('first, json', first, false), ...broken],
      };
    });
  } finally {
    await part.close();
  }
}
