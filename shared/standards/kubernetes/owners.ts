/** The marks that tools leave on Secrets which they would write again: Argo CD, Flux, Helm, External Secrets and the like. */
import type { Observation } from '../../contract/observation.ts';

interface OwnerMark {
  readonly owner: string;
  readonly labels?: readonly string[];
  readonly annotations?: readonly string[];
  /** Field managers that own keys of the Secret's data. */
  readonly manager?: RegExp;
}

/** In the order in which they are looked for: who makes Secrets of their own first, who rolls out manifests after. */
const MARKS: readonly OwnerMark[] = [
  {
    owner: 'External Secrets',
    labels: ['reconcile.external-secrets.io/managed', 'reconcile.external-secrets.io/created-by'],
    annotations: ['reconcile.external-secrets.io/data-hash'],
    manager: /^external-?secrets\b/,
  },
  { owner: 'Reflector', annotations: ['reflector.v1.k8s.emberstack.com/reflects'] },
  {
    owner: 'kubernetes-replicator',
    annotations: ['replicator.v1.mittwald.de/replicate-from', 'replicator.v1.mittwald.de/replicated-from-version'],
  },
  { owner: 'Sealed Secrets', annotations: ['sealedsecrets.bitnami.com/managed'] },
  {
    owner: 'Argo CD',
    labels: ['argocd.argoproj.io/instance'],
    annotations: ['argocd.argoproj.io/tracking-id', 'argocd.argoproj.io/installation-id'],
    manager: /^argocd-/,
  },
  {
    owner: 'Flux',
    labels: ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name'],
    manager: /^(kustomize|helm)-controller$/,
  },
  { owner: 'Helm', annotations: ['meta.helm.sh/release-name'], manager: /^helm$/ },
];

const HELM_LABEL = 'app.kubernetes.io/managed-by';

/** The labels that say whose a Secret is. */
export const OWNER_LABELS: readonly string[] = [...MARKS.flatMap(({ labels = [] }) => labels), HELM_LABEL];

/** The tool that would write the Secret again, by name; undefined = none is known. */
export function toolThatOwns({ labels, annotations, managers }: Observation): string | undefined {
  const found = MARKS.find(
    (mark) =>
      mark.labels?.some((name) => labels[name] !== undefined) ||
      mark.annotations?.some((name) => annotations[name] !== undefined) ||
      managers.some(({ manager, dataKeys }) => dataKeys.length > 0 && mark.manager?.test(manager)),
  );
  return found?.owner ?? (labels[HELM_LABEL] === 'Helm' ? 'Helm' : undefined);
}
