/** The contract of port 10: what every destination does with a certificate and its key, whatever the store. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Place } from '../../shared/contract/ids.ts';
import { fieldManager, MARK } from '../../shared/contract/marks.ts';
import type { Bundle, DestinationAdapter } from '../../shared/contract/ports.ts';
import { ProblemError } from '../../shared/contract/problem.ts';
import { type MadeChain, makeChain } from '../fixtures/x509.ts';

export interface DestinationWorld {
  readonly adapter: DestinationAdapter;
  /** The same store through an identity that may look but not write. */
  readonly readOnly: DestinationAdapter;
  /** A place of that name, which nothing is in yet; a test takes a name of its own. */
  place(name: string): Place;
  /** Takes away what is in the place, as somebody else would. */
  remove(place: Place): Promise<void>;
  /** False where a look never reads the value, so that the marks alone say what is there. Default: true. */
  readonly looksInside?: boolean;
  /** All that is kept in the place, key included, past the adapter. */
  value(place: Place): Promise<unknown>;
  /** How many requests that write the store has seen so far. */
  writes(): Promise<number>;
  close(): Promise<void>;
}

const FLEET = 'test';
const LABELS = { 'controller.cert-manager.io/fao': 'true' };

/** A bundle with a certificate and key of its own. */
export const bundleOf = ({ leaf, root, chainPem }: MadeChain): Bundle => ({
  chainPem,
  caPem: root.pem,
  keyPem: Buffer.from(leaf.keyPem),
  labels: LABELS,
  annotations: {
    [MARK.fleet]: FLEET,
    [MARK.installation]: 'c0ffee',
    [MARK.sha256]: sha256Of(leaf),
    [MARK.certificate]: 'fleet/shop',
  },
});
const sha256Of = ({ x509 }: MadeChain['leaf']): string => x509.fingerprint256.replaceAll(':', '').toLowerCase();

/** Every way in which a key could be found in a text. */
const keyTexts = ({ leaf }: MadeChain): readonly string[] => {
  const der = leaf.key.export({ format: 'der', type: 'pkcs8' });
  const line = leaf.keyPem.split('\n')[1] ?? leaf.keyPem;
  return [line, Buffer.from(leaf.keyPem).toString('base64').slice(60, 120), der.toString('hex')];
};

export function expectNoKey(value: unknown, chain: MadeChain): void {
  const text = JSON.stringify(value);
  for (const secret of keyTexts(chain)) expect(text).not.toContain(secret);
  expect(text).not.toContain('PRIVATE KEY');
}

const conflictOf = async (doing: Promise<unknown>): Promise<ProblemError> => {
  const error = await doing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return error as ProblemError;
};

/** Runs the suite; `open` starts the store once. */
export function destinationAdapterContract(name: string, open: () => Promise<DestinationWorld>): void {
  describe(`the destination ${name}`, () => {
    let world: DestinationWorld;
    let first: MadeChain;
    let second: MadeChain;
    beforeAll(async () => {
      [world, first, second] = await Promise.all([open(), makeChain(), makeChain()]);
    });
    afterAll(() => world?.close());

    const sha256At = async (place: Place) => {
      const observation = await world.adapter.read(place);
      return observation?.chain[0]?.sha256 ?? observation?.annotations[MARK.sha256];
    };
    const looksInside = () => world.looksInside ?? true;
    const written = async (place: Place, chain: MadeChain, seen?: string): Promise<string> => {
      const answer = await world.adapter.write(place, bundleOf(chain), seen);
      expect(answer).toMatchObject({ outcome: 'written' });
      return answer.outcome === 'refused' ? '' : answer.version;
    };

    test('a place with nothing in it reads as undefined', async () => {
      expect(await world.adapter.read(world.place('nothing'))).toBeUndefined();
    });

    test('what was written is read back with its marks and without its key', async () => {
      const place = world.place('new');
      const version = await written(place, first);
      const observation = await world.adapter.read(place);
      expect(observation).toMatchObject({ place, version, immutable: false });
      expect(observation?.problem).toBeUndefined();
      expect(observation?.annotations).toMatchObject(bundleOf(first).annotations);
      if (looksInside()) {
        expect(observation?.keyMatches).toBe(true);
        expect(observation?.chain.map(({ sha256 }) => sha256)).toEqual([first.leaf, first.intermediate].map(sha256Of));
        expect(observation?.ca?.sha256).toBe(sha256Of(first.root));
      } else expect(observation?.chain).toEqual([]);
      expectNoKey(observation, first);
    });

    test('writing what is there already is unchanged and writes nothing', async () => {
      const place = world.place('same');
      const version = await written(place, first);
      const before = await world.writes();
      expect(await world.adapter.write(place, bundleOf(first), version)).toEqual({ outcome: 'unchanged', version });
      expect(await world.writes()).toBe(before);
    });

    test('a new pair replaces certificate and key together', async () => {
      const place = world.place('renewed');
      const version = await written(place, first);
      const next = await written(place, second, version);
      expect(next).not.toBe(version);
      const observation = await world.adapter.read(place);
      expect(observation).toMatchObject({ version: next, ...(looksInside() ? { keyMatches: true } : {}) });
      expect(await sha256At(place)).toBe(sha256Of(second.leaf));
    });

    test('nothing is written over what was not seen', async () => {
      const place = world.place('moved-on');
      const seen = await written(place, first);
      await written(place, second, seen);
      const third = await makeChain();
      const error = await conflictOf(world.adapter.write(place, bundleOf(third), seen));
      expect(error.problem.retry).toBe('later');
      expectNoKey([error.problem, error.message, error.cause], third);
      expect(await sha256At(place)).toBe(sha256Of(second.leaf));
    });

    test('nothing is created over what appeared meanwhile', async () => {
      const place = world.place('appeared');
      await written(place, first);
      const error = await conflictOf(world.adapter.write(place, bundleOf(second), undefined));
      expect(error.problem.retry).toBe('later');
      expect(await sha256At(place)).toBe(sha256Of(first.leaf));
    });

    test('what was seen and is gone is not made again unseen', async () => {
      const place = world.place('gone');
      const seen = await written(place, first);
      await world.remove(place);
      const error = await conflictOf(world.adapter.write(place, bundleOf(second), seen));
      expect(error.problem.retry).toBe('later');
      expect(await world.adapter.read(place)).toBeUndefined();
    });

    const versionAt = async (place: Place): Promise<string> => (await world.adapter.read(place))?.version ?? '';
    /** What is in the place but what was ours: nothing else may change. */
    const restAt = async (place: Place) => {
      const {
        version: _moves,
        annotations = {},
        managers = [],
        owners: references,
        ...rest
      } = (await world.adapter.read(place)) ?? {};
      const others = Object.entries(annotations).filter(([name]) => !Object.values<string>(MARK).includes(name));
      const owners = managers.filter(({ manager, dataKeys }) => dataKeys.length > 0 && manager !== fieldManager(FLEET));
      return { ...rest, others, owners, references };
    };

    test('what is released has no mark of ours and no field of ours, and everything else as it was', async () => {
      const place = world.place('released');
      const version = await written(place, first);
      const [before, value] = [await restAt(place), await world.value(place)];
      expect(await world.adapter.release(place, version)).toEqual({ outcome: 'released' });
      const { annotations = {}, managers = [] } = (await world.adapter.read(place)) ?? {};
      expect(Object.keys(annotations).filter((name) => Object.values<string>(MARK).includes(name))).toEqual([]);
      expect(managers.filter(({ manager }) => manager === fieldManager(FLEET))).toEqual([]);
      expect(await restAt(place)).toEqual(before);
      expect(await world.value(place)).toEqual(value);
    });

    test('releasing what is not ours any more is unchanged and writes nothing', async () => {
      const place = world.place('released-twice');
      await world.adapter.release(place, await written(place, first));
      const before = await world.writes();
      expect(await world.adapter.release(place, await versionAt(place))).toEqual({ outcome: 'unchanged' });
      expect(await world.writes()).toBe(before);
    });

    test('nothing is released that was not seen, or is gone', async () => {
      const place = world.place('release-moved-on');
      const seen = await written(place, first);
      await written(place, second, seen);
      expect((await conflictOf(world.adapter.release(place, seen))).problem.retry).toBe('later');
      expect((await world.adapter.read(place))?.annotations).toMatchObject(bundleOf(second).annotations);
      const last = await versionAt(place);
      await world.remove(place);
      expect((await conflictOf(world.adapter.release(place, last))).problem.retry).toBe('later');
      expect(await world.adapter.read(place)).toBeUndefined();
    });

    test('a right that is missing is a definite no that says what to do', async () => {
      const place = world.place('read-only');
      const created = await world.readOnly.write(place, bundleOf(first), undefined);
      expect(created).toMatchObject({ outcome: 'refused', problem: { fix: expect.any(String) } });
      const version = await written(place, first);
      const replaced = await world.readOnly.write(place, bundleOf(second), version);
      expect(replaced).toMatchObject({ outcome: 'refused', problem: { fix: expect.any(String) } });
      const released = await world.readOnly.release(place, version);
      expect(released).toMatchObject({ outcome: 'refused', problem: { fix: expect.any(String) } });
      expectNoKey([created, replaced, released], second);
      expect(await sha256At(place)).toBe(sha256Of(first.leaf));
    });
  });
}
