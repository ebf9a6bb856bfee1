/** What a fleet of the deployed service may not ask for, with its place in the file. */
import { describe, expect, test } from 'vitest';
import type { Notifications } from '../../../shared/contract/fleet.ts';
import { deployableProblems } from '../../../shared/fleet/deployable.ts';
import { loadFleet } from '../../../shared/fleet/load.ts';
import { GOOD } from './bad-input.ts';
import { complaints, filesOf } from './folder.ts';

const deployed = async (text: string) =>
  loadFleet({ path: 'fleet.yaml', home: '/home/me', files: filesOf({ 'fleet.yaml': text }), isDeployed: true });
const reached = (by: string): string => GOOD.replace('kubeconfig: { path: kube/config }', by);

describe('a fleet of the deployed service', () => {
  test('has no kubeconfig in a file', async () => {
    expect(await complaints(deployed(GOOD))).toEqual([
      'fleet.yaml:7:27: spec.clusters[0].kubeconfig.path: the deployed service has no such file (use eks: { clusterName, region }, or kubeconfig: { secretId } with the kubeconfig in Secrets Manager)',
    ]);
  });

  test('says so together with what else is wrong', async () => {
    const lines = await complaints(deployed(GOOD.replace('duration: 2160h', 'duration: 90d')));
    expect(lines.map((line) => line.split(': ').slice(0, 2))).toEqual([
      ['fleet.yaml:7:27', 'spec.clusters[0].kubeconfig.path'],
      ['fleet.yaml:29:13', 'spec.duration'],
    ]);
  });

  test.each(['eks: { clusterName: prod, region: eu-west-1 }', 'kubeconfig: { secretId: nolapse/prod }'])(
    'may have %s',
    async (by) => {
      expect((await deployed(reached(by))).fleet.clusters).toHaveLength(1);
    },
  );
});

describe('of notifications', () => {
  const document = { where: (path: readonly string[]): string => `at ${path.join('.')}` };
  const problemsOf = (notifications: Notifications) => deployableProblems(document, { clusters: [], notifications });

  test('a variable for the webhook of Slack is refused', () => {
    expect(problemsOf({ slack: { webhookUrlEnv: 'SLACK' } })).toEqual([
      {
        where: 'at spec.notifications.slack.webhookUrlEnv',
        message: 'spec.notifications.slack.webhookUrlEnv: the deployed service has no such variable',
        fix: 'use slack: { webhookSecretId } with the URL in Secrets Manager',
      },
    ]);
  });

  test('its secret is taken, and so is none', () => {
    expect([problemsOf({ slack: { webhookSecretId: 'nolapse/slack' } }), problemsOf({})]).toEqual([[], []]);
  });
});
