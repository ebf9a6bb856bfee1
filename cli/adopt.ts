/** `nolapse adopt <id>`: shows what is there and what would replace it, and takes the place over when somebody says yes. */
import type { Facts } from '../shared/contract/certificate.ts';
import type { Adoption } from '../shared/wiring/local.ts';
import { adoptDocument } from './output/documents.ts';
import { isOpenToConsent, ownershipWords } from './output/ownership.ts';
import type { Paper } from './output/paper.ts';
import { table } from './output/table.ts';
import { calendar } from './output/times.ts';
import { hanging } from './output/words.ts';
import { type Answer, idIn, type Session } from './session.ts';

export interface AdoptOptions {
  readonly id: string;
  readonly yes: boolean;
}

const FACTS: readonly (readonly [string, (facts: Facts) => string])[] = [
  ['names', (f) => [...f.dnsNames, ...f.ipAddresses, ...f.uris, ...f.emailAddresses].join(', ')],
  ['issuer', (f) => f.issuer],
  ['serial', (f) => f.serial],
  ['from', (f) => calendar(f.notBefore)],
  ['until', (f) => calendar(f.notAfter)],
  ['key', (f) => `${f.key.algorithm} ${f.key.size || ''}`.trim()],
];

function sideBySide({ have, want }: Adoption, paper: Paper): readonly string[] {
  if (!have && typeof want === 'string') return [`what is there cannot be shown; then: ${want}`];
  const columns = [{ title: '', fixed: true }, { title: 'NOW' }, { title: 'THEN' }];
  const now = (say: (facts: Facts) => string): string => (have ? say(have) : '-');
  if (typeof want === 'string') {
    const cells = FACTS.map(([name, say], i) => [name, now(say), i === 0 ? want : '']);
    return table(columns, cells, paper);
  }
  return table(
    columns,
    FACTS.map(([name, say]) => [name, now(say), say(want)]),
    paper,
  );
}

export const adoptionLines = (adoptions: readonly Adoption[], paper: Paper): string[] =>
  adoptions.flatMap((adoption) => [
    ...hanging('', adoption.place, paper.width).map((line) => paper.ink('bold', line)),
    ...hanging('  ', ownershipWords(adoption.ownership), paper.width),
    ...sideBySide(adoption, { ...paper, width: paper.width - 2 }).map((line) => `  ${line}`),
    '',
  ]);

function closing(adopted: readonly string[], hasAdoptable: boolean, id: string): string {
  if (adopted.length > 0)
    return `Taken over: ${adopted.join(', ')}. It is written there with the next renewal; to renew now: nolapse renew ${id} --force`;
  return hasAdoptable
    ? `Nothing was changed. To take it over: nolapse adopt ${id} --yes`
    : 'There is nothing to take over.';
}

export const adopt =
  ({ id: typed, yes }: AdoptOptions) =>
  async (session: Session): Promise<Answer> => {
    const { local } = session;
    await local.requireStaying();
    await local.inventory();
    const id = await idIn(local, typed);
    const adoptions = await local.adoption(id);
    await session.say((paper) => adoptionLines(adoptions, paper));
    const hasAdoptable = adoptions.some(({ ownership }) => isOpenToConsent(ownership));
    const agreed = hasAdoptable && (yes || (await session.confirm('Take over what can be taken over?')));
    const adopted = agreed ? await local.adopt(id) : [];
    return {
      document: adoptDocument(id, adoptions, adopted),
      lines: (paper) => hanging('', closing(adopted, hasAdoptable, id), paper.width),
    };
  };
