/** The way to a cluster: where it answers and who we are there. Each source of access comes down to one of these. */
import type { Clock } from '../../contract/ports.ts';
import type { Remedies } from './kubernetes-problem.ts';
import type { Renewable } from './renewable.ts';

export interface ClusterWay {
  readonly endpoint: Renewable<Endpoint>;
  readonly credentials: Renewable<Credential>;
  /** Kubernetes user to impersonate. */
  readonly impersonate?: string;
  readonly remedies: Remedies;
  close(): void;
}

export interface Endpoint {
  /** https URL without a slash at its end. */
  readonly server: string;
  /** PEM roots; absent = the public ones. */
  readonly ca?: Buffer;
  /** The name that its certificate must have, where that is not the URL's. */
  readonly serverName?: string;
}

/** What one request is authenticated with. */
export interface Credential {
  readonly authorization?: string;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

export const bearer = (token: string): Credential => ({ authorization: `Bearer ${token}` });

/** What ways are made with. */
export interface WayOptions {
  /** What `~` stands for in the path of a kubeconfig. */
  readonly home: string;
  /** Whether credential plugins that are not understood may be run. */
  readonly allowExec: boolean;
  /** Told before a plugin is run. */
  readonly announce: (line: string) => void;
  /** The whole text of a secret of Secrets Manager: where kubeconfigs are that the fleet names by secret. */
  readonly readSecretText: (secretId: string) => Promise<string>;
  /** Of roles that are assumed (`sessionNameOf`). */
  readonly sessionName: string;
  readonly clock: Clock;
}
