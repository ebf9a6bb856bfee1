/** What a cluster asks for: Certificates as they are, Ingresses as cert-manager's shim reads them, and who decides about a Secret. */
import { beforeEach, describe, expect, test } from 'vitest';
import { judgeSource } from '../../../../shared/stages/assess/judge.ts';
import { source } from '../assess/judged-things.ts';
import { certificatePem, keyPem, lookAt, MemoryCluster, NOW, object } from './memory-cluster.ts';

const ISSUER = { 'cert-manager.io/cluster-issuer': 'le' };

let cluster: MemoryCluster;
beforeEach(() => {
  cluster = new MemoryCluster();
});

const certificate = (name: string, spec: object = {}) =>
  cluster.objects.certificates.push(
    object(name, { spec: { secretName: name, dnsNames: ['own.example.com'], issuerRef: { name: 'own' }, ...spec } }),
  );
const ingress = (name: string, hosts: readonly string[], annotations: Record<string, string> = ISSUER) =>
  cluster.objects.ingresses.push(
    object(name, {
      annotations,
      spec: { tls: [{ hosts, secretName: 'web-tls' }], rules: hosts.concat(hosts).map((host) => ({ host })) },
    }),
  );
/** What is asked for, as origin, id and names, and what cannot be. */
async function found() {
  const { asked, unreadable } = await lookAt(cluster);
  return {
    asked: asked.map(({ origin, id, spec }) => [origin, id, ...spec.dnsNames]),
    unreadable: unreadable.map(({ object: { kind, name }, problems, names }) => [`${kind} ${name}`, problems, names]),
  };
}

test('an Ingress with an issuer asks for one Certificate by the name of its Secret', async () => {
  ingress('web', ['web.example.com']);
  const { asked, ingresses } = await lookAt(cluster);
  expect(asked).toMatchObject([
    {
      id: 'prod/shop/web-tls',
      origin: 'Ingress',
      namespace: 'shop',
      name: 'web-tls',
      spec: { secretName: 'web-tls', issuerRef: { kind: 'ClusterIssuer', name: 'le' } },
    },
  ]);
  const tls = [{ hosts: ['web.example.com'], secretName: 'web-tls' }];
  expect(ingresses).toEqual([{ namespace: 'shop', name: 'web', tls, hosts: ['web.example.com'] }]);
});

test('an Ingress without annotations asks for nothing, and its facts are known', async () => {
  ingress('web', ['web.example.com'], {});
  const seen = await lookAt(cluster);
  expect(seen).toMatchObject({ asked: [], unreadable: [], ingresses: [{ name: 'web' }] });
});

describe('a Certificate by the name of the Secret', () => {
  test('decides, and an Ingress whose names it has is content', async () => {
    certificate('web-tls', { dnsNames: ['*.example.com'] });
    ingress('web', ['web.example.com']);
    expect(await found()).toEqual({ asked: [['Certificate', 'prod/shop/web-tls', '*.example.com']], unreadable: [] });
  });

  test('decides, and an Ingress whose names it lacks is told', async () => {
    certificate('web-tls');
    ingress('web', ['web.example.com', '10.0.0.1']);
    const why =
      'the Secret web-tls is decided by the Certificate web-tls, which does not ask for web.example.com, 10.0.0.1';
    expect(await found()).toEqual({
      asked: [['Certificate', 'prod/shop/web-tls', 'own.example.com']],
      unreadable: [['Ingress web', [why], ['web.example.com', '10.0.0.1']]],
    });
  });

  test('decides where it is not honoured, too: nobody asks', async () => {
    certificate('web-tls', { isCA: 'yes' });
    ingress('web', ['web.example.com']);
    const { asked, unreadable } = await found();
    expect(asked).toEqual([]);
    expect(unreadable).toEqual([
      ['Certificate web-tls', ['spec.isCA: expected true or false, found a string'], ['own.example.com']],
    ]);
  });

  test('in another namespace decides nothing', async () => {
    certificate('web-tls');
    cluster.objects.certificates.splice(
      0,
      1,
      ...cluster.objects.certificates.map((one) => ({ ...one, metadata: { ...one.metadata, namespace: 'other' } })),
    );
    ingress('web', ['web.example.com']);
    expect((await found()).asked.map(([, id]) => id)).toEqual(['prod/other/web-tls', 'prod/shop/web-tls']);
  });
});

describe('two Ingresses that name one Secret', () => {
  test('the older one decides, in whatever order they are listed', async () => {
    ingress('older', ['a.example.com']);
    ingress('newer', ['b.example.com']);
    const expected = {
      asked: [['Ingress', 'prod/shop/web-tls', 'a.example.com']],
      unreadable: [
        [
          'Ingress newer',
          ['the Secret web-tls is decided by the older Ingress older, which does not ask for b.example.com'],
          ['b.example.com'],
        ],
      ],
    };
    expect(await found()).toEqual(expected);
    cluster.objects.ingresses.reverse();
    expect(await found()).toEqual(expected);
  });

  test('with the same hosts are one wish, and nobody is told anything', async () => {
    ingress('older', ['a.example.com']);
    ingress('newer', ['a.example.com']);
    expect(await found()).toEqual({ asked: [['Ingress', 'prod/shop/web-tls', 'a.example.com']], unreadable: [] });
  });
});

describe('where it must be seen served', () => {
  const endpoints = (text: string) => ({ 'nolapse.dev/endpoints': text });
  const asks = { secretName: 'own', dnsNames: ['own.example.com'], issuerRef: { name: 'own' } };

  test('is an annotation, of a Certificate and of an Ingress, each block for its own hosts', async () => {
    cluster.objects.certificates.push(
      object('own', { spec: asks, annotations: endpoints('OWN.example.com:443, own.example.com:8443') }),
    );
    const tls = ['a', 'b'].map((name) => ({ hosts: [`${name}.example.com`], secretName: `${name}-tls` }));
    const annotations = { ...ISSUER, ...endpoints('a.example.com:443,b.example.com:443') };
    cluster.objects.ingresses.push(object('web', { annotations, spec: { tls } }));
    const { asked, unreadable } = await lookAt(cluster);
    expect([asked.map((one) => one.endpoints), unreadable]).toEqual([
      [['own.example.com:443', 'own.example.com:8443'], ['a.example.com:443'], ['b.example.com:443']],
      [],
    ]);
  });

  test('is told where it is wrong, and stops nothing', async () => {
    const annotations = endpoints('own.example.com, own.example.com:443, else.example.com:443');
    cluster.objects.certificates.push(object('own', { spec: asks, annotations }));
    ingress('web', ['web.example.com'], { ...ISSUER, ...endpoints('own.example.com:443') });
    const { asked, unreadable } = await lookAt(cluster);
    expect(asked.map((one) => one.endpoints)).toEqual([['own.example.com:443'], undefined]);
    const notFor = (host: string, names: string) =>
      `nolapse.dev/endpoints: the certificate is not for ${host}; it is for: ${names} (add the name to the certificate, or name another endpoint)`;
    expect(unreadable.map(({ problems }) => problems)).toEqual([
      [
        'nolapse.dev/endpoints: "own.example.com" is no <host>:<port> (shop.example.com:443, [2001:db8::1]:443)',
        notFor('else.example.com', 'own.example.com'),
      ],
      [notFor('own.example.com', 'web.example.com')],
    ]);
  });
});

describe('what is wrong is told, never ignored', () => {
  test('a field that nobody here knows', async () => {
    const asks = { secretName: 'web-tls', dnsNames: ['web.example.com'], issuerRef: { name: 'letsencrypt' } };
    cluster.objects.certificates.push(object('web', { spec: { ...asks, futureField: 1 } }));
    const { asked, unreadable } = await found();
    expect(asked).toEqual([]);
    const why = expect.stringContaining('spec.futureField: is not known to Nolapse');
    expect(unreadable).toEqual([['Certificate web', [why], ['web.example.com']]]);
  });

  test('an Ingress with annotations that contradict each other', async () => {
    ingress('web', ['web.example.com'], { ...ISSUER, 'cert-manager.io/issuer': 'x' });
    const { asked, unreadable } = await found();
    expect(asked).toEqual([]);
    expect(unreadable).toEqual([['Ingress web', [expect.stringContaining('bad annotations')], ['web.example.com']]]);
  });

  test('a tls block without hosts, and the Ingress’s other blocks are asked for', async () => {
    const hosts = ['a.example.com'];
    const tls = [{ secretName: 'none' }, { hosts, secretName: 'a-tls' }, { hosts, secretName: 'b-tls' }];
    cluster.objects.ingresses.push(object('web', { annotations: ISSUER, spec: { tls } }));
    expect(await found()).toEqual({
      asked: ['a-tls', 'b-tls'].map((name) => ['Ingress', `prod/shop/${name}`, 'a.example.com']),
      unreadable: [['Ingress web', ['Skipped a TLS block: spec.tls[0].hosts: Required value'], ['a.example.com']]],
    });
  });

  test('issuers of a type that is not honoured, by their own kind', async () => {
    cluster.objects.issuers.push(object('v', { spec: { vault: {} } }));
    cluster.objects['cluster-issuers'].push(object('v', { spec: { vault: { server: 'https://v.example' } } }));
    const { issuers, unreadable } = await lookAt(cluster);
    expect(issuers).toEqual([]);
    expect(unreadable.map((one) => one.object)).toEqual([
      { cluster: 'prod', kind: 'Issuer', namespace: 'shop', name: 'v' },
      { cluster: 'prod', kind: 'ClusterIssuer', name: 'v' },
    ]);
    expect(unreadable.map(({ problems }) => problems.length > 0)).toEqual([true, true]);
  });

  test('a private key where none belongs, without repeating it', async () => {
    const pem = await keyPem();
    const template = { annotations: { 'acme.io/key': pem } };
    certificate('in-template', { secretTemplate: template });
    certificate('in-name', { dnsNames: [pem] });
    ingress('web', ['a.example.com'], { ...ISSUER, 'cert-manager.io/secret-template': JSON.stringify(template) });
    ingress('web-2', ['a.example.com'], { ...ISSUER, 'cert-manager.io/private-key-algorithm': pem });
    cluster.objects.issuers.push(object('odd', { spec: { selfSigned: { crlDistributionPoints: [pem] } } }));
    const caBundle = Buffer.from(pem + (await certificatePem())).toString('base64');
    cluster.objects.issuers.push(object('ca', { spec: { acme: { server: 'https://ca.example/dir', caBundle } } }));
    const seen = await lookAt(cluster);
    expect([seen.asked, seen.issuers]).toEqual([[], []]);
    expect(seen.unreadable.flatMap(({ problems }) => problems)).toEqual(
      Array(6).fill(expect.stringMatching(/^holds a private key/)),
    );
    expect(JSON.stringify(seen)).not.toContain('PRIVATE KEY');
  });
});

const ARN = 'arn:aws:acm:eu-west-1:111111111111:certificate/0a1b2c3d-0000-4000-8000-000000000001';
const BY_ACM = { 'alb.ingress.kubernetes.io/certificate-arn': ARN };

test('an Ingress whose load balancer serves certificates of ACM misses no Secret, and uses those', async () => {
  ingress('web', ['web.example.com'], BY_ACM);
  ingress('www', ['www.example.com'], BY_ACM);
  cluster.objects.ingresses.push(
    object('found', { spec: { ingressClassName: 'alb', tls: [{ hosts: ['found.example.com'], secretName: 'no' }] } }),
  );
  const { ingresses } = await lookAt(cluster);
  const { verdicts, views } = judgeSource(source({ ingresses }), NOW);
  expect(verdicts).toEqual([]);
  expect([...views]).toMatchObject([
    {
      id: `prod/${ARN}`,
      ...{ kind: 'AcmCertificate', managedBy: 'ACM', names: ['web.example.com', 'www.example.com'] },
      references: ['Ingress shop/web', 'Ingress shop/www'],
    },
    { id: 'prod/shop/found#acm', names: ['found.example.com'], references: ['Ingress shop/found'] },
  ]);
  expect(cluster.asked.filter((one) => one.startsWith('get '))).toEqual([]);
});
