/** One request by a context of the world's kubeconfig, as whoever uses the file would send it: through the recorder, with that context's token. */
import { readFile } from 'node:fs/promises';
import * as https from 'node:https';

interface Kubeconfig {
  readonly clusters: readonly {
    readonly name: string;
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly name: string; readonly user: { readonly token: string } }[];
  readonly contexts: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
}

export interface ContextRequest {
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: unknown;
}

export type Ask = (context: string, request: ContextRequest) => Promise<number>;

const named = <T extends { readonly name: string }>(all: readonly T[], name: string): T => {
  const found = all.find((one) => one.name === name);
  if (!found) throw new TypeError(`${name}: not in the kubeconfig, only ${all.map((one) => one.name).join(', ')}`);
  return found;
};

/** Asks by any context of that kubeconfig; the answer is the status. */
export async function contextClient(kubeconfigPath: string): Promise<Ask> {
  const config = JSON.parse(await readFile(kubeconfigPath, 'utf8')) as Kubeconfig;
  return (name, { method, path, type = 'application/json', body }) => {
    const { context } = named(config.contexts, name);
    const { cluster } = named(config.clusters, context.cluster);
    const { user } = named(config.users, context.user);
    const headers = {
      authorization: `Bearer ${user.token}`,
      ...(body === undefined ? {} : { 'content-type': type }),
    };
    const ca = Buffer.from(cluster['certificate-authority-data'], 'base64');
    return new Promise((resolve, reject) => {
      https
        .request(new URL(path, cluster.server), { method, headers, ca, agent: false }, (answer) => {
          answer.resume().on('error', reject);
          answer.on('end', () => resolve(answer.statusCode ?? 0));
        })
        .on('error', reject)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
}
