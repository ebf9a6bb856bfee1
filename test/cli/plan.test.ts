/** The plan of everything, and of one certificate by its id: which is asked for, and which is shown. */
import { describe, expect, test } from 'vitest';
import { plan } from '../../cli/plan.ts';
import { rows } from '../../shared/contract/records.ts';
import type { Local } from '../../shared/wiring/local.ts';
import { cluster } from '../shared/stages/assess/wishes-of-shop.ts';
import { certificateRows, ID, prepared, wanted } from './prepared.ts';
import { finding, paper, planned } from './values.ts';

const other = planned({ id: 'prod-eu/web/web-tls' });
const place = { place: ID, ownership: { is: 'unknown' }, delivery: 'unknown', want: { names: ['a'] } } as const;

function planning(found: Awaited<ReturnType<Local['plan']>>) {
  const asked: unknown[] = [];
  const local: Partial<Local> = {
    plan: async (options) => {
      asked.push(options);
      return found;
    },
  };
  return { asked, session: prepared({ rows: certificateRows(), local }) };
}

describe('plan', () => {
  test('is of all that is due', async () => {
    const { asked, session } = planning({ due: [planned(), other], deferred: [] });
    const answer = await plan({})(await session);
    expect(asked).toEqual([undefined]);
    expect(answer.lines(paper())[0]).toBe('2 certificates due:');
  });

  test('tells of places that wait for consent, which alone make nothing due', async () => {
    const findings = async () => [finding({ code: 'adoptable' }), finding()];
    const answer = await plan({})(await prepared({ rows: [], local: { findings } }));
    expect(answer.lines(paper())).toEqual([
      'Nothing is due.',
      '',
      '1 place of others, where nothing is written without consent: nolapse inventory',
      '--all names them, nolapse plan <id> says what adopting changes',
    ]);
    const session = await prepared({ rows: certificateRows(), local: { findings } });
    expect((await plan({ id: ID })(session)).lines(paper()).join(' ')).not.toContain('consent');
  });

  test('is not silent about what nothing can be due of', async () => {
    const held = { reason: 'issuer-not-found', message: 'there is no ClusterIssuer letsencrypt' } as const;
    const row = rows.wanted(wanted({ held }), 0);
    const session = { ...(await prepared({ rows: [row] })), clusters: [cluster('prod-eu')] };
    expect((await plan({})(session)).lines(paper())).toEqual([
      'Nothing is due.',
      '',
      '1 certificate cannot be renewed as it is asked for: nolapse doctor says why, and',
      'what to do',
    ]);
  });

  test('is of one, due or not, where it is named', async () => {
    const entry = planned({ reason: 'NotDue', places: [place] });
    const { asked, session } = planning({ due: [], deferred: [other, entry] });
    const answer = await plan({ id: 'shop-tls' })(await session);
    expect(asked).toEqual([{ only: new Set(['one']), isAsked: true }]);
    expect(answer.document).toMatchObject({ due: [], deferred: [{ id: ID }] });
    expect(answer.lines(paper()).slice(4)).toEqual([
      '  when: now (2026-11-24 09:00 UTC)',
      `  place: ${ID}`,
      '    now: not looked at yet',
      '    then: looked at before anything is written',
      '    serial: a new one',
      '    names: a',
    ]);
  });

  test('of what is in audit is that of manage, and all that is there is counted', async () => {
    const held = { reason: 'audit', message: 'only looked at' } as const;
    const { issuance: _none, ...rest } = wanted({ held });
    const asked: string[] = [];
    const planInManage: Local['planInManage'] = async (id) => {
      asked.push(id);
      return { due: [], deferred: [planned({ reason: 'Audit' })] };
    };
    const session = await prepared({ rows: [rows.wanted(rest, 0)], local: { planInManage } });
    expect((await plan({ id: 'shop-tls' })(session)).document).toMatchObject({ deferred: [{ reason: 'Audit' }] });
    expect(asked).toEqual([ID]);
    const fleet = { ...session, clusters: [cluster('prod-eu')] };
    expect((await plan({})(fleet)).lines(paper())).toEqual([
      'Nothing is due.',
      '',
      '1 certificate in audit, looked at and not renewed: nolapse plan <id> says what',
      'manage would do, nolapse rehearse <id> tries it',
    ]);
  });

  test('of one that nobody asks for is refused', async () => {
    const session = await prepared({ rows: [] });
    await expect(plan({ id: 'shop-tls' })(session)).rejects.toThrow('nobody asks for this certificate');
  });
});
