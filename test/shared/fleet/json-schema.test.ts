/** The committed JSON Schema is the one that the code checks against. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fleetJsonSchema } from '../../../shared/fleet/json-schema.ts';

const committed = readFileSync(join(import.meta.dirname, '../../../shared/fleet/fleet.schema.json'), 'utf8');

describe('fleet.schema.json', () => {
  test('has not drifted from the schema (else: npm run schema)', () => {
    expect(committed).toBe(fleetJsonSchema());
  });

  test('knows every kind, refuses unknown keys, and asks for no key that has a default', () => {
    const { anyOf } = JSON.parse(committed) as {
      anyOf: { title: string; additionalProperties: boolean; properties: { spec: { required?: string[] } } }[];
    };
    expect(anyOf.map(({ title }) => title)).toEqual([
      'Fleet',
      'FleetCertificate',
      'ClusterIssuer',
      'Issuer',
      'Certificate',
      'Ingress',
      'Gateway',
    ]);
    expect(anyOf.map(({ additionalProperties }) => additionalProperties)).toEqual(Array(7).fill(false));
    expect(anyOf[0]?.properties.spec.required).toBeUndefined();
    expect(anyOf[4]?.properties.spec.required).toEqual(['secretName', 'issuerRef']);
  });
});
