/** What a scenario sees of the world it runs in: clusters, a CA, a zone, AWS, a recorder, and the `nolapse` command. Names no world. */
import type { ChildProcess } from 'node:child_process';
import type { Recorder } from './recorder.ts';
import type { Line } from './shown.ts';
import type { Registered, Trace } from './traces.ts';

/**
 * What only some worlds can do. Faults of `dns` and delays until INSYNC need nothing: its part is the same in all worlds. one-process: the work
 * is done by the process of the command, which can be ended, and whose state is a folder. schedule: by the functions of a service, which are
 * called and ended as Lambda does it.
 */
export const FEATURES = ['ca-faults', 'kubernetes-faults', 'aws-faults', 'one-process', 'schedule'] as const;
export type Feature = (typeof FEATURES)[number];

export interface World {
  readonly name: 'sandbox' | 'real';
  /** `east` and `west`. */
  readonly clusters: readonly [WorldCluster, WorldCluster];
  /** Its contexts reach the clusters through the recorder with restricted identities. */
  readonly kubeconfigPath: string;
  /** AWS settings of the environment; the endpoint is the recorder's. */
  readonly awsEnv: Readonly<Record<string, string>>;
  readonly acme: WorldAcme;
  /** Another CA of the same kind, where the scenario asks for one. */
  readonly staging?: WorldAcme;
  readonly zone: WorldZone;
  /** Where the zone's name servers answer, as `dns.resolvers` and `dns.port` of a fleet file want it. */
  readonly dns: { readonly resolvers: readonly string[]; readonly port: number };
  readonly queue: WorldQueue;
  readonly slack: WorldSlack;
  readonly secretsManager: WorldSecrets;
  readonly recorder: Recorder;
  /** A folder that lives as long as the world: fleet files, state, working directory of the command. */
  readonly folder: string;
  can(feature: Feature): boolean;
  /** Makes a server misbehave; only where the world can. Throws on a fault that the part does not know. */
  fault(part: FaultyPart, fault: Fault): Promise<void>;
  /** Ends all faults of a part. */
  calm(part: FaultyPart): Promise<void>;
  /** Runs the command to its end. Its state is `<folder>/state` unless `state` says otherwise. */
  nolapse(args: readonly string[], options?: NolapseOptions): Promise<NolapseResult>;
  /** All that runs have left behind so far, but for what servers of the recorder were asked: the state, and what a service printed and answered. */
  traces(): Promise<readonly Trace[]>;
  /** The secrets of these runs that are only ever stored sealed. */
  sealed(): Promise<readonly Registered[]>;
  /** Starts the command and returns at once, for those who want to end it. */
  spawnNolapse(args: readonly string[], options?: NolapseOptions): NolapseProcess;
  close(): Promise<void>;
}

export interface WorldCluster {
  readonly name: string;
  /** Of the identity with the rights Nolapse asks for. */
  readonly context: string;
  /** Of one that may not create Secrets but has all the other rights. */
  readonly contextWithoutCreate: string;
  /** Of one that may do nothing with Secrets. */
  readonly contextWithoutSecrets: string;
  /** Of one that may write no status. */
  readonly contextWithoutStatus: string;
  /** Its token is one that the server does not know. */
  readonly contextUnknown: string;
  /** By EKS, through the recorder, as a role with the rights Nolapse asks for: `eks` of a fleet file. */
  readonly eks: WorldEks;
  /** An EKS cluster of another name at the same address: its tokens are of no use there. */
  readonly eksOfAnother: WorldEks;
  /** The server itself, with all rights, past the recorder. */
  readonly admin: AdminClient;
  /** What anybody but the administrator asked to change since the world began, `<user> <verb> <plural>`, by the server's own record. */
  writes(): Promise<readonly string[]>;
}

export interface WorldEks {
  readonly clusterName: string;
  readonly region: string;
  readonly roleArn: string;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly uid?: string;
    readonly managedFields?: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly subresource?: string;
    }[];
  };
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly webhooks?: unknown;
}

export interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

export interface AdminClient {
  /** One request as it is; never throws for a status. */
  request(method: string, path: string, body?: { readonly type: string; readonly text: string }): Promise<AdminAnswer>;
  /** Creates a namespace unless it is there. */
  namespace(name: string): Promise<void>;
  /** POST as `manager`. Throws on any status but 201. */
  create(manifest: Manifest, manager?: string): Promise<Manifest>;
  /** What `kubectl apply` does for an object that is not there: a create that leaves the whole of it in an annotation. */
  applyClientSide(manifest: Manifest): Promise<Manifest>;
  /** Server-side apply with force, or without. Throws on an error status. */
  apply(manifest: Manifest, options?: { readonly manager?: string; readonly force?: boolean }): Promise<Manifest>;
  /** Undefined when there is none. */
  get(ref: ManifestRef): Promise<Manifest | undefined>;
  list(ref: Omit<ManifestRef, 'name'>): Promise<readonly Manifest[]>;
  /** What `kubectl get -A -o wide` shows of cert-manager's kinds, and kubectl itself where the world has one. */
  shown(kind: 'Certificate' | 'Issuer' | 'ClusterIssuer'): Promise<readonly Line[]>;
  /** No error when there is none. */
  delete(ref: ManifestRef): Promise<void>;
}

export interface ManifestRef {
  readonly kind:
    | 'Secret'
    | 'Namespace'
    | 'ConfigMap'
    | 'Ingress'
    | 'Certificate'
    | 'CertificateRequest'
    | 'Issuer'
    | 'ClusterIssuer'
    | 'ValidatingWebhookConfiguration'
    | 'Gateway'
    | 'ReferenceGrant'
    | 'Challenge'
    | 'CustomResourceDefinition'
    | 'APIService';
  readonly namespace?: string;
  readonly name: string;
}

export interface WorldAcme {
  /** Through the recorder. */
  readonly directory: string;
  /** What the directory's TLS is trusted by: `caBundle`. */
  readonly caPem: string;
  /** A profile whose certificates live 90 days. */
  readonly profile: string;
  /** Roots that issued chains lead to. */
  rootPems(): Promise<readonly string[]>;
}

export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  /** As Route 53 holds them: TXT in quotes. */
  readonly values: readonly string[];
}

export interface WorldZone {
  /** No trailing dot. */
  readonly name: string;
  readonly id: string;
  /** All record sets as one text that is equal exactly when the zone is. */
  snapshot(): Promise<string>;
  recordSets(): Promise<readonly RecordSet[]>;
  /** Writes a record set of somebody else, past the recorder. */
  addForeign(set: RecordSet): Promise<void>;
}

/** One message as a subscriber of the topic receives it: the SNS envelope, parsed. */
export interface QueueMessage {
  readonly Subject?: string;
  readonly Message: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
}

export interface WorldQueue {
  readonly topicArn: string;
  /** Everything that has arrived and was not received yet. */
  receive(): Promise<readonly QueueMessage[]>;
  /** Deletes the topic, as somebody else would. */
  removeTopic(): Promise<void>;
}

/** What Slack was sent: text for notifications, and blocks. */
export interface SlackPost {
  readonly text: string;
  readonly blocks: readonly object[];
}

/** An incoming webhook. The same in all worlds, so it misbehaves in all of them; its requests are not recorded. */
export interface WorldSlack {
  /** Its URL, which is a secret. */
  readonly webhook: string;
  /** What it took so far, in order. */
  messages(): Promise<readonly SlackPost[]>;
  /** How often it was asked, whatever it answered. */
  asked(): Promise<number>;
  fault(fault: Fault): Promise<void>;
  calm(): Promise<void>;
}

export interface WorldSecrets {
  /** The current value, undefined when there is no such secret. */
  value(name: string): Promise<string | undefined>;
  /** Version ids with their stages. */
  versions(name: string): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Makes or replaces one, as somebody else would. */
  put(name: string, value: string): Promise<void>;
  /** Deletes at once, without recovery. */
  remove(name: string): Promise<void>;
}

/** Which server misbehaves. `dns` is the Route 53 API with the name server that serves what it was told; `eks` is what API servers ask of tokens. */
export type FaultyPart = 'ca' | 'dns' | 'aws' | 'eks' | 'east' | 'west';

/** How it misbehaves: the kinds and their fields are the part's own. */
export interface Fault {
  readonly kind: string;
  /** How often; absent = until `calm`. */
  readonly count?: number;
  readonly [field: string]: unknown;
}

export interface NolapseOptions {
  /** Added to the scrubbed environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** State folder; default `<folder>/state`. `none`: the option is not given. */
  readonly state?: string | 'none';
  /** No file that it writes grows beyond: a full disk for which nobody needs rights. */
  readonly maxFileBytes?: number;
  /** Milliseconds after which the process is killed and the run fails. Default 300,000. */
  readonly timeoutMs?: number;
}

export interface NolapseResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The JSON document on stdout. Throws with the output when there is none. */
  json(): unknown;
}

export interface NolapseProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly done: Promise<NolapseResult>;
}
