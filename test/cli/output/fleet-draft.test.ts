/** The drafted fleet file: it is loaded as it was meant whatever clusters and contexts are called, and is short. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Draft,
  type DraftCluster,
  draftLines,
  LINES_A_CLUSTER,
  withoutFiles,
} from '../../../cli/output/fleet-draft.ts';
import type { Fleet } from '../../../shared/contract/fleet.ts';
import { loadFleet } from '../../../shared/fleet/load.ts';
import { filesOf } from '../../shared/fleet/folder.ts';
import { anyText } from '../values.ts';

const cluster = (over: Partial<DraftCluster> = {}): DraftCluster => ({
  ...{ name: 'dev', context: 'dev', access: { by: 'kubeconfig', path: '~/.kube/config', context: 'dev' } },
  ...{ from: 'the context of that name', issuers: [], policy: [] },
  ...over,
});

const draft = (over: Partial<Draft> = {}): Draft => ({
  ...{ next: 'Made by hand', clusters: [cluster()], leftOut: [], zones: { by: 'nobody', domains: [] } },
  ...over,
});

const loaded = (text: string, isDeployed = false): Fleet =>
  loadFleet({ path: 'fleet.yaml', home: '/home/me', files: filesOf({ 'fleet.yaml': text }), isDeployed }).fleet;

const policy = (n: number) =>
  Array.from({ length: n }, (_, i) => ({ namespaces: [`n${i}`], names: [`n${i}.example.com`], from: '1 Ingress' }));

const eks = { by: 'eks', clusterName: 'prod', region: 'eu-west-1' } as const;

describe('draftLines', () => {
  test.each([1, 2, 5])(
    'has 25 lines at most for each of %i clusters, and says how many namespaces it left out',
    (n) => {
      const clusters = Array.from({ length: n }, (_, i) =>
        cluster({ name: `c${i}`, context: `c ${i}`, policy: policy(40) }),
      );
      const zones = {
        by: 'profile',
        profile: 'dns',
        zones: [{ name: 'example.com', hostedZoneId: 'Z1', alike: 2 }],
        outside: ['example.org'],
      } as const;
      const lines = draftLines(draft({ clusters, zones }));
      expect(lines.length).toBeLessThanOrEqual(LINES_A_CLUSTER * n);
      expect(lines.length).toBeGreaterThan(LINES_A_CLUSTER * n - n);
      const [first] = loaded(lines.join('\n')).clusters;
      const left = 40 - (first?.namePolicy.length ?? 0);
      const command = `nolapse inventory --context 'c 0' --all`;
      expect(lines).toContain(`        # left out: ${left} more namespaces with certificates; see ${command}`);
    },
  );

  test('is loaded as it was meant, whatever things are called', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, anyText, (context, path, text, gap) => {
        fc.pre(context !== '' && path !== '');
        const issuers = [
          {
            id: 'a',
            kind: 'ClusterIssuer',
            name: text,
            source: 'dev',
            spec: { type: 'selfSigned', crlDistributionPoints: [] },
          } as const,
        ];
        const access = { by: 'kubeconfig', path: `/${path}`, context } as const;
        const given = cluster({ context, access, issuers, gap, profile: text, policy: policy(30) });
        const made = draft({
          ...{ clusters: [given], leftOut: [{ context: text, problem: gap }] },
          zones: { by: 'profile', profile: text, zones: [], outside: [] },
        });
        const [found, ...more] = loaded(draftLines(made).join('\n')).clusters;
        expect(more).toEqual([]);
        expect(found).toMatchObject({ name: 'dev', mode: 'audit', access });
        const service = draftLines({ ...made, clusters: made.clusters.map(withoutFiles) }).join('\n');
        expect(loaded(service, true).clusters[0]).toMatchObject({ access: { by: 'secret', context } });
      }),
    );
  });

  test('writes EKS with its role, and what asks by a profile', () => {
    const roleArn = 'arn:aws:iam::111111111111:role/reader';
    const given = cluster({ access: { ...eks, roleArn, externalId: 'x' }, from: 'the exec entry', profile: 'ops' });
    const text = draftLines(draft({ clusters: [given] })).join('\n');
    expect(text).toContain(' # from the exec entry; it asks as AWS_PROFILE=ops\n');
    expect(loaded(text).clusters[0]?.access).toEqual({ ...eks, roleArn, externalId: 'x' });
  });

  test('the issuer at its end is one, once its marks are taken away', () => {
    const lines = draftLines(draft());
    expect(loaded(lines.join('\n')).issuers).toEqual([]);
    const filled = lines.map((line, i) => (i < lines.length - 5 ? line : line.replace(/^# /, '')));
    expect(loaded(filled.join('\n')).issuers).toMatchObject([{ id: 'fleet/letsencrypt', spec: { type: 'acme' } }]);
  });
});

describe('withoutFiles', () => {
  test('leaves EKS as it is', () => {
    const given = cluster({ access: eks });
    expect(withoutFiles(given)).toBe(given);
  });

  test('says what a secret cannot have', () => {
    const lines = draftLines(draft({ clusters: [withoutFiles(cluster({ onlyHere: 'a credential plugin' }))] }));
    expect(lines).toContain(
      '      # the context has a credential plugin, which a secret cannot have: put a token there instead',
    );
  });
});
