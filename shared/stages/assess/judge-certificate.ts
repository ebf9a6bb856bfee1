/** What is wrong with a certificate in its place however long it has to live: its start, chain, key, signature and CA. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { FindingCode, Severity, Verdict } from '../../contract/finding.ts';
import type { Iso } from '../../contract/ids.ts';
import type { Observation } from '../../contract/observation.ts';
import { evidenceOf, namesOf, objectOfPlace } from './content.ts';
import { instant, span } from './phrases.ts';
import { isExpired, leafAlarm } from './thresholds.ts';

const LEAST_RSA_BITS = 2048;
const LEAST_EC_BITS = 256;

/**
 * CAs whose roots browsers trust. A root signs no leaf (Baseline Requirements §6.1.7), so a leaf of theirs that stands alone lacks at
 * least one certificate; of a private CA nobody can tell.
 */
const PUBLIC_CA =
  /\bO=(Let's Encrypt|Google Trust Services|ZeroSSL|Sectigo|DigiCert|GlobalSign|Amazon|Buypass|SSL Corp|Entrust|GoDaddy)/i;

interface Said {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly message: string;
  readonly fix: string;
  readonly evidence?: Readonly<Record<string, string>>;
  readonly since?: Iso;
}

interface Held {
  readonly observation: Observation;
  readonly leaf: Facts;
}

const notYetValid = ({ observation: { place }, leaf }: Held, now: Date): readonly Said[] => {
  const wait = Date.parse(leaf.notBefore) - now.getTime();
  if (wait <= 0) return [];
  return [
    {
      ...{ code: 'not-yet-valid', severity: 'high' },
      message: `The certificate in ${place} is not valid before ${instant(leaf.notBefore)}, in ${span(wait)}: until then everybody refuses it.`,
      fix: 'Put the one back that it replaced, or issue it anew; look whether the clock of who issued it is right',
    },
  ];
};

/** What is missing between the leaf and its root as far as the chain itself tells. */
function gapIn([leaf, next, ...others]: readonly Facts[]): string | undefined {
  if (!leaf || leaf.isCA || leaf.selfSigned) return undefined;
  if (!next)
    return PUBLIC_CA.test(leaf.issuer) ? `the certificate of its issuer, ${leaf.issuer}, is missing` : undefined;
  if (next.subject === leaf.issuer) return undefined;
  return others.some(({ subject }) => subject === leaf.issuer)
    ? 'its certificates are not in the order in which each is signed by the next'
    : `what follows it is ${next.subject}, but its issuer is ${leaf.issuer}`;
}

function chainIncomplete({ observation: { place, chain } }: Held): readonly Said[] {
  const gap = gapIn(chain);
  if (gap === undefined) return [];
  return [
    {
      ...{ code: 'chain-incomplete', severity: 'high' },
      message: `The chain in ${place} does not lead to a root: ${gap}; clients that do not know the rest refuse it.`,
      evidence: { chain: chain.map(({ subject, commonName }) => commonName ?? subject).join(' <- ') },
      fix: 'Put into tls.crt first the leaf, then the certificate of each issuer in turn, without the root',
    },
  ];
}

const isWeak = ({ key: { algorithm, size } }: Facts): boolean =>
  (algorithm === 'RSA' && size < LEAST_RSA_BITS) || (algorithm === 'ECDSA' && size < LEAST_EC_BITS);

const whose = (certificate: Facts, { leaf, observation: { place } }: Held): string =>
  certificate === leaf
    ? `the certificate in ${place}`
    : `the CA ${certificate.commonName ?? certificate.subject} in ${place}`;

function weakKey(held: Held): readonly Said[] {
  const weak = held.observation.chain.find(isWeak);
  if (!weak) return [];
  const { algorithm, size } = weak.key;
  const key = `${algorithm} with ${size} bits`;
  return [
    {
      ...{ code: 'weak-key', severity: 'warning', since: weak.notBefore },
      message: `The key of ${whose(weak, held)} is ${key}: current clients refuse it.`,
      evidence: { key },
      fix: `Issue it anew with a key of at least ${LEAST_RSA_BITS} bits with RSA, or ${LEAST_EC_BITS} with ECDSA`,
    },
  ];
}

/** The signature of a root proves nothing and is not looked at by anybody. */
function weakSignature(held: Held): readonly Said[] {
  const weak = held.observation.chain.find(({ weakHash, selfSigned }) => weakHash !== undefined && !selfSigned);
  if (!weak?.weakHash) return [];
  return [
    {
      ...{ code: 'weak-signature', severity: 'warning', since: weak.notBefore },
      message: `The signature of ${whose(weak, held)} is made with ${weak.weakHash}: current clients refuse it.`,
      evidence: { hash: weak.weakHash },
      fix: 'Have its CA sign with SHA-256, and then issue it anew',
    },
  ];
}

/** Its certificate is no good after its CA's end, whatever its own dates say, and its renewal is planned by its own. */
function outlived({ observation: { place, chain, ca }, leaf }: Held, now: Date): readonly Said[] {
  const issuer = [chain[1], ca].find((one) => one?.subject === leaf.issuer && one.sha256 !== leaf.sha256);
  if (!issuer || leaf.selfSigned || Date.parse(issuer.notAfter) >= Date.parse(leaf.notAfter)) return [];
  const alarm = leafAlarm({ ...leaf, notAfter: issuer.notAfter }, now);
  const [ends, who] = [isExpired(issuer, now) ? 'ended' : 'ends', issuer.commonName ?? issuer.subject];
  return [
    {
      ...{ code: 'ca-outlived', severity: alarm?.severity ?? 'warning', since: leaf.notBefore },
      message: `The certificate in ${place} is valid until ${instant(leaf.notAfter)}, but its CA ${who} ${ends} on ${instant(issuer.notAfter)}, and nobody trusts it longer than that.`,
      evidence: { ca: who, caNotAfter: issuer.notAfter, caSerial: issuer.serial },
      fix: 'Renew the CA where its issuer reads it, and then issue anew what it signed; ask for leaves that end before it',
    },
  ];
}

/** `not-yet-valid`, `chain-incomplete`, `weak-key`, `weak-signature`, `ca-outlived`: info where nothing seen refers to the place. */
export function judgeCertificate(observation: Observation, isReferenced: boolean, now: Date): readonly Verdict[] {
  const { place, chain, problem } = observation;
  const [leaf] = chain;
  if (!leaf || problem || isExpired(leaf, now)) return [];
  const held: Held = { observation, leaf };
  const said = [
    ...notYetValid(held, now),
    ...chainIncomplete(held),
    ...weakKey(held),
    ...weakSignature(held),
    ...outlived(held, now),
  ];
  return said.map(({ severity, evidence, since, ...rest }) => ({
    ...rest,
    ...(since !== undefined && Date.parse(since) <= now.getTime() && { since }),
    severity: isReferenced ? severity : 'info',
    object: objectOfPlace(place),
    names: namesOf(leaf),
    evidence: { secret: place, ...evidenceOf(leaf), ...evidence },
    serial: leaf.serial,
  }));
}
