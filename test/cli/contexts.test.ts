/** A fleet of kubeconfig contexts: whose names become clusters, and that nothing in it may be changed. */
import { describe, expect, test } from 'vitest';
import { clusterName, fleetOfContexts } from '../../cli/contexts.ts';
import { InputError } from '../../shared/contract/problem.ts';
import { dnsLabelProblem } from '../../shared/standards/kubernetes/names.ts';

const CONFIGS = [
  { path: '/home/me/.kube/config', contexts: ['kind-dev', 'Prod EU', 'prod_eu'], current: 'kind-dev' },
  { path: '/home/me/.kube/more', contexts: ['fleet', 'prod.eu'] },
];

describe('clusterName', () => {
  test.each([
    ['kind-dev', 'kind-dev'],
    ['arn:aws:eks:eu-west-1:111111111111:cluster/Prod', 'prod'],
    ['gke_project_europe-west1_main', 'gke-project-europe-west1-main'],
    ['me@cluster.example.com', 'me-cluster-example-com'],
    ['fleet', 'fleet-cluster'],
    ['***', 'cluster'],
    [`${'a'.repeat(62)}.b`, 'a'.repeat(62)],
  ])('makes %s a DNS label', (context, name) => {
    expect(clusterName(context)).toBe(name);
    expect(dnsLabelProblem(name)).toBeUndefined();
  });
});

describe('fleetOfContexts', () => {
  test('looks at each context once, in audit, with a name of its own and the file that has it', () => {
    const { clusters } = fleetOfContexts(['Prod EU', 'prod_eu', 'prod.eu', 'Prod EU'], CONFIGS);
    expect(clusters.map(({ name, access, mode, namePolicy }) => ({ name, ...access, mode, namePolicy }))).toEqual([
      { name: 'prod-eu', by: 'kubeconfig', path: CONFIGS[0]?.path, context: 'Prod EU', mode: 'audit', namePolicy: [] },
      {
        name: 'prod-eu-2',
        by: 'kubeconfig',
        path: CONFIGS[0]?.path,
        context: 'prod_eu',
        mode: 'audit',
        namePolicy: [],
      },
      {
        name: 'prod-eu-3',
        by: 'kubeconfig',
        path: CONFIGS[1]?.path,
        context: 'prod.eu',
        mode: 'audit',
        namePolicy: [],
      },
    ]);
  });

  test('takes the current context where none is named', () => {
    expect(fleetOfContexts([], CONFIGS).clusters.map(({ name }) => name)).toEqual(['kind-dev']);
  });

  test('names the contexts there are, and the nearest, for one that is not', () => {
    expect(() => fleetOfContexts(['kind-dve'], CONFIGS)).toThrow(
      new InputError([
        {
          where: '--context',
          message:
            '"kind-dve" is in none of /home/me/.kube/config, /home/me/.kube/more; there are: kind-dev, Prod EU, prod_eu, fleet, prod.eu',
          fix: 'did you mean kind-dev?',
        },
      ]),
    );
  });
});
