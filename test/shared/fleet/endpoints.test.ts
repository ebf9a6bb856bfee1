/** Where certificates of the file must be seen served: kept in one spelling, from `endpoints` and from the annotation. */
import { expect, test } from 'vitest';
import { GOOD } from './bad-input.ts';
import { loadText } from './folder.ts';

test('endpoints are kept in one spelling, and a Certificate has them as an annotation', async () => {
  const annotations = 'annotations: { nolapse.dev/endpoints: "SHOP.example.com:443" }';
  const asked = GOOD.replace('namespace: shop }', `namespace: shop, ${annotations} }`);
  const { fleet } = await loadText(`${asked}  endpoints: ["API.example.com.:8443"]\n`);
  expect(fleet.certificates.map(({ id, endpoints }) => [id, endpoints])).toEqual([
    ['prod/shop/shop', ['shop.example.com:443']],
    ['fleet/api', ['api.example.com:8443']],
  ]);
});

test('who asks for none has none', async () => {
  const { fleet } = await loadText(GOOD);
  expect(fleet.certificates.flatMap(({ endpoints }) => endpoints ?? [])).toEqual([]);
});
