/** `nolapse rbac`: the Kubernetes RBAC that a cluster's administrators apply, as YAML to be read first, or as JSON. */
import { Document, isScalar, visit } from 'yaml';
import type { Fleet } from '../shared/contract/fleet.ts';
import { InputError } from '../shared/contract/problem.ts';
import { type Manifest, manifestsOf, type Rbac, rbacOf, type SecretName, type Subject } from '../shared/rights/rbac.ts';
import { isManaged, rolesIn } from '../shared/rights/role-names.ts';
import { clusterNamed } from './cluster-named.ts';
import { comment } from './output/comment.ts';
import type { Printed } from './output/printed.ts';
import type { RbacOptions } from './rights-program.ts';

const KINDS = { user: 'User', group: 'Group' } as const;

/** Throws InputError. */
function subjectOf(bind: string): Subject {
  const [, account, namespace, name] = /^(serviceaccount):([^/]+)\/(.+)$/.exec(bind) ?? [];
  if (account && namespace && name) return { kind: 'ServiceAccount', namespace, name };
  const [, kind, subject] = /^(user|group):(.+)$/.exec(bind) ?? [];
  if (kind && subject) return { kind: KINDS[kind as keyof typeof KINDS], name: subject };
  const message = `${JSON.stringify(bind)} names nobody; it is user:<name>, group:<name> or serviceaccount:<namespace>/<name>`;
  throw new InputError([{ where: '--bind', message, fix: 'see who you are there: kubectl auth whoami' }]);
}

/** Throws InputError. */
function secretOf(text: string): SecretName {
  const [namespace, name, ...more] = text.split('/');
  if (namespace && name && more.length === 0) return { namespace, name };
  const message = `${JSON.stringify(text)} is no Secret; it is <namespace>/<name>`;
  throw new InputError([{ where: '--issuer-secret', message, fix: 'write e.g. cert-manager/internal-ca' }]);
}

/** Lists of words stand on one line. */
function yamlOf(manifest: Manifest): string {
  const document = new Document(manifest);
  visit(document, {
    Seq: (_, list) => {
      if (list.items.every(isScalar)) list.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd();
}

const withReason = ({ because }: Rbac, manifests: readonly Manifest[]): readonly string[] =>
  manifests.flatMap((manifest, i) => ['---', ...(i === 0 ? comment(`Why: ${because}.`) : []), yamlOf(manifest)]);

const ISSUERS =
  'Issuers found in the cluster may name Secrets (of a private CA, of an account binding). For each add --issuer-secret <namespace>/<name> and print this again.';

const GROUPS =
  'It is bound to the groups that the access entries of EKS give. An identity that comes another way (see kubectl auth whoami) is named with --bind.';

/** Throws InputError for a cluster that the fleet does not have, and for what cannot be bound. */
export function rbac({ cluster: typed, audit, bind, issuerSecrets }: RbacOptions, fleet: Fleet): Printed {
  const cluster = clusterNamed(typed, fleet);
  const subject = bind === undefined ? undefined : subjectOf(bind);
  const roles = rbacOf(fleet, cluster, { audit, issuerSecrets: issuerSecrets.map(secretOf) });
  const printed = roles.map((role) => ({ role, manifests: manifestsOf(role, subject) }));
  const mode = audit || !isManaged(cluster) ? 'to look and tell' : 'to look, to renew and to deliver';
  const misses = rolesIn(cluster, fleet).includes('issue') && !audit && issuerSecrets.length === 0;
  return {
    document: { apiVersion: 'v1', kind: 'List', items: printed.flatMap(({ manifests }) => manifests) },
    lines: [
      ...comment(
        `For the administrators of the cluster ${cluster.name}: what Nolapse (fleet ${fleet.name}) needs there ${mode}. Read it, then: kubectl apply -f -`,
      ),
      ...(subject === undefined ? comment(GROUPS) : []),
      ...(misses ? comment(ISSUERS) : []),
      ...printed.flatMap(({ role, manifests }) => withReason(role, manifests)),
    ],
  };
}
