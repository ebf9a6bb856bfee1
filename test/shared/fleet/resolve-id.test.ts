/** From what is typed to an id. */
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../shared/contract/problem.ts';
import { resolveId } from '../../../shared/fleet/resolve-id.ts';

const IDS = ['prod-eu/shop/shop-tls', 'prod-us/shop/shop-tls', 'prod-eu/web/workshop-tls', 'fleet/shop', 'fleet/web'];

const problemOf = (typed: string, ids: readonly string[] = IDS) => {
  try {
    return resolveId(typed, ids);
  } catch (error) {
    return error instanceof InputError ? error.problems[0] : error;
  }
};

describe('resolveId', () => {
  test.each([
    ['the whole id', 'prod-eu/shop/shop-tls', 'prod-eu/shop/shop-tls'],
    ['whole words of its end', 'web/workshop-tls', 'prod-eu/web/workshop-tls'],
    ['letters of its end', 'kshop-tls', 'prod-eu/web/workshop-tls'],
    ['a word before letters that end in it', 'shop', 'fleet/shop'],
    ['an id that others end in', 'fleet/web', 'fleet/web'],
  ])('takes %s', (_, typed, id) => {
    expect(resolveId(typed, IDS)).toBe(id);
  });

  test('counts an id once, however often it is listed', () => {
    expect(resolveId('web', ['fleet/web', 'fleet/web'])).toBe('fleet/web');
  });

  test('lists the candidates of an ending that several have', () => {
    expect(problemOf('shop-tls')).toEqual({
      where: '<id>',
      message: '"shop-tls" can be any of 2 certificates: prod-eu/shop/shop-tls, prod-us/shop/shop-tls',
      fix: 'give more of the id',
    });
  });

  test('names the nearest of the ids that are known', () => {
    expect(problemOf('worksop-tls')).toEqual({
      where: '<id>',
      message: 'there is no certificate "worksop-tls"',
      fix: 'did you mean prod-eu/web/workshop-tls?',
    });
  });

  test('says where ids are listed when nothing is near, and when nothing is known', () => {
    expect(problemOf('zzzzzzzzzz')).toMatchObject({ fix: 'nolapse inventory lists all ids' });
    expect(problemOf('shop', [])).toMatchObject({ message: 'there is no certificate "shop"; nothing is known yet' });
    expect(problemOf('')).toMatchObject({ message: 'there is no certificate ""' });
  });
});
