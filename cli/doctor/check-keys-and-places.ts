/** Where keys are sealed, and where certificates go that are in no cluster. */
import { placeParts } from '../../shared/contract/ids.ts';
import { KIND, keys } from '../../shared/contract/records.ts';
import type { Destination, Issuance } from '../../shared/contract/rows.ts';
import { isWritable } from '../../shared/stages/assess/assess-issuance.ts';
import { list } from '../../shared/stages/assess/phrases.ts';
import type { Here, Instruments } from '../../shared/wiring/instruments.ts';
import { ownershipWords } from '../output/ownership.ts';
import { counted } from '../output/words.ts';
import type { AskedFor } from './asked-for.ts';
import { STATE } from './check-asked-for.ts';
import { type Check, ok, type Verdict, YOU } from './diagnose.ts';

/** Whether anything is stored that only this machine's key opens. */
async function isSomethingSealed({ fleet, records }: Instruments): Promise<boolean> {
  for (const { spec } of fleet.issuers) {
    if (spec.type !== 'acme') continue;
    if (await records.get(keys.account(spec.server, spec.externalAccountBinding?.keyId))) return true;
  }
  for await (const { body } of records.list<Issuance>(KIND.issuance))
    if (body.attempt?.sealedKey !== undefined || body.current?.sealedKey !== undefined) return true;
  return false;
}

async function sealingVerdict(tools: Instruments, here: Here): Promise<Verdict> {
  if (await here.hasSealKey()) return ok('the key of this machine is there, and nobody else may read it');
  if (!(await isSomethingSealed(tools))) return ok('the first run makes the key of this machine');
  return {
    state: 'broken',
    evidence: [
      'the key of this machine is gone, and what was sealed under it cannot be opened: accounts, keys of open orders',
    ],
    fix: 'bring seal.key of the state folder back from a backup; without one, the next run registers new accounts and begins anew',
    who: YOU,
  };
}

function sealingChecks(tools: Instruments): readonly Check[] {
  const { here } = tools;
  if (!here) return [];
  const folder = 'folder' in here.state ? here.state.folder : 'folder';
  return [{ check: 'sealing', subject: 'key', needs: [`${STATE} ${folder}`], look: () => sealingVerdict(tools, here) }];
}

async function storeVerdict(places: readonly string[], here: Here): Promise<Verdict> {
  const found = await Promise.all(places.map((place) => here.store(place)));
  const missing = found.filter((one) => one === undefined).length;
  const all = counted(places.length, 'secret');
  return ok(missing === 0 ? `${all} may be looked at` : `${missing} of ${all} made by the first delivery`);
}

/** That they may be written is proved by writing only: what was delivered before is the proof. */
function storeChecks({ here }: Instruments, { wanted }: AskedFor): readonly Check[] {
  const places = new Set(wanted.flatMap((one) => one.places.map(({ place }) => place)));
  const inStores = [...places].filter((place) => placeParts(place).at === 'secretsManager');
  if (!here || inStores.length === 0) return [];
  const byStore = Map.groupBy(inStores, (place) => place.slice(0, place.indexOf('/')));
  return [...byStore].map(([store, ours]) => ({
    ...{ check: 'store', subject: store },
    look: () => storeVerdict(ours, here),
  }));
}

/** Places that the last look found to be somebody else's. */
async function placeChecks({ records }: Instruments, { wanted }: AskedFor): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { id, issuance } of wanted) {
    if (issuance === undefined) continue;
    const refused: Destination[] = [];
    for await (const { body } of records.list<Destination>(KIND.destinationsOf(issuance)))
      if (body.certificate === id && !isWritable(body)) refused.push(body);
    const [first] = refused;
    if (!first) continue;
    const isAdoptable = first.ownership.is === 'adoptable';
    checks.push({
      check: 'places',
      subject: id,
      look: async () => ({
        state: 'broken',
        evidence: [`${list(refused.map(({ place }) => place))}: ${ownershipWords(first.ownership)}`],
        ...(isAdoptable
          ? { fix: 'see what would be replaced, and agree to it', command: `nolapse adopt ${id}` }
          : { fix: 'name another place, or let its owner give it up' }),
        who: YOU,
      }),
    });
  }
  return checks;
}

export const keyAndPlaceChecks = async (tools: Instruments, asked: AskedFor): Promise<readonly Check[]> => [
  ...sealingChecks(tools),
  ...storeChecks(tools, asked),
  ...(await placeChecks(tools, asked)),
];
