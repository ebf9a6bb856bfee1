/** What a fleet may ask for on a laptop and not of the deployed service: functions have no files and no variables of a person's making. */
import type { Fleet } from '../contract/fleet.ts';
import type { InputProblem } from '../contract/problem.ts';
import type { FileDocument } from './documents.ts';

/** Where the deployed service could not do what the Fleet document says; none = it can be deployed. */
export function deployableProblems(
  document: Pick<FileDocument, 'where'>,
  { clusters, notifications }: Pick<Fleet, 'clusters' | 'notifications'>,
): readonly InputProblem[] {
  const files = clusters.flatMap(({ access }, i) =>
    access.by === 'kubeconfig'
      ? {
          where: document.where(['spec', 'clusters', String(i), 'kubeconfig', 'path']),
          message: `spec.clusters[${i}].kubeconfig.path: the deployed service has no such file`,
          fix: 'use eks: { clusterName, region }, or kubeconfig: { secretId } with the kubeconfig in Secrets Manager',
        }
      : [],
  );
  const { slack } = notifications;
  if (!slack || !('webhookUrlEnv' in slack)) return files;
  return [
    ...files,
    {
      where: document.where(['spec', 'notifications', 'slack', 'webhookUrlEnv']),
      message: 'spec.notifications.slack.webhookUrlEnv: the deployed service has no such variable',
      fix: 'use slack: { webhookSecretId } with the URL in Secrets Manager',
    },
  ];
}
