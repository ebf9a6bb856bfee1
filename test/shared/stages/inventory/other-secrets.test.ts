/** That a Secret of another type is seen where a certificate is to be put, and that a refusal to look is no answer. */
import { expect, test } from 'vitest';
import { readPlaces } from '../../../../shared/stages/inventory/other-secrets.ts';
import { MemoryCluster, tlsSecret } from './memory-cluster.ts';

test('what stands at a place is seen whatever its type, and nothing where there is nothing', async () => {
  const cluster = new MemoryCluster();
  cluster.objects['tls-secrets'].push({ ...(await tlsSecret('other')), type: 'Opaque' });
  const found = await readPlaces(cluster, ['prod/shop/other', 'prod/shop/absent', 'secretsmanager/certs/shop']);
  expect(found).toMatchObject([{ place: 'prod/shop/other', type: 'Opaque' }]);
  expect(cluster.asked).toEqual(['get shop/other', 'get shop/absent']);
});

test('a Secret that may not be read is not known; any other trouble is told', async () => {
  const cluster = new MemoryCluster();
  cluster.refuses.get = 'Forbidden';
  expect(await readPlaces(cluster, ['prod/shop/other'])).toEqual([]);
  cluster.refuses.get = 'Unreachable';
  await expect(readPlaces(cluster, ['prod/shop/other'])).rejects.toThrow('no get');
});
