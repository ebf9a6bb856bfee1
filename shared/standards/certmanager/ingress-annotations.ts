/**
 * The annotations of an Ingress or a Gateway that shape its Certificates, one line each. `uri-sans` is documented by cert-manager but read
 * by nobody, and those that shape HTTP-01 have nothing to shape: names are proved by DNS-01.
 */
import { parseCsv } from './csv.ts';

type Value = { readonly value: unknown } | { readonly problem: string };
type Parse = (text: string) => Value;

const text: Parse = (t) => ({ value: t });
/** A manifest would take an empty value for none. */
const filled: Parse = (t) => (t === '' ? { problem: 'is empty' } : { value: t });
const commaList: Parse = (t) => ({ value: t === '' ? [] : t.split(',').map((item) => item.trim()) });
/** Blanks are part of an address, and make it none. */
const strictList: Parse = (t) => (t === '' ? filled(t) : { value: t.split(',') });
const usages: Parse = (t) => {
  const items = t.split(',').map((item) => item.trim());
  return items.includes('') ? { problem: 'has an empty item' } : { value: items };
};
const csv: Parse = (t) => {
  if (t === '') return filled(t);
  const record = parseCsv(t);
  return 'problem' in record ? record : { value: record.fields };
};
const whole: Parse = (t) =>
  /^[+-]?\d+$/.test(t) ? { value: Number(t) } : { problem: `${JSON.stringify(t)} is no whole number` };

function template(t: string): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(t);
  } catch (error) {
    // what JSON.parse says is the problem to tell
    return { problem: `is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return { problem: 'is no JSON object' };
  const unknown = Object.keys(parsed).filter((key) => key !== 'labels' && key !== 'annotations');
  if (unknown.length > 0) return { problem: `has the unknown field ${unknown.join(', ')}` };
  const annotations = Object.keys(Object(Object(parsed).annotations));
  const reserved = annotations.find((key) => key.startsWith('cert-manager.io/'));
  return reserved ? { problem: `must not have the annotation ${reserved}` } : { value: parsed };
}

const ANNOTATIONS: Readonly<Record<string, readonly [path: string, parse: Parse]>> = {
  'common-name': ['commonName', text],
  'alt-names': ['dnsNames', commaList],
  'ip-sans': ['ipAddresses', commaList],
  'email-sans': ['emailAddresses', strictList],
  'subject-organizations': ['subject.organizations', csv],
  'subject-organizationalunits': ['subject.organizationalUnits', csv],
  'subject-countries': ['subject.countries', csv],
  'subject-provinces': ['subject.provinces', csv],
  'subject-localities': ['subject.localities', csv],
  'subject-postalcodes': ['subject.postalCodes', csv],
  'subject-streetaddresses': ['subject.streetAddresses', csv],
  'subject-serialnumber': ['subject.serialNumber', text],
  duration: ['duration', filled],
  'renew-before': ['renewBefore', filled],
  'renew-before-percentage': ['renewBeforePercentage', whole],
  usages: ['usages', usages],
  'revision-history-limit': ['revisionHistoryLimit', whole],
  'private-key-algorithm': ['privateKey.algorithm', filled],
  'private-key-encoding': ['privateKey.encoding', filled],
  'private-key-size': ['privateKey.size', whole],
  'private-key-rotation-policy': ['privateKey.rotationPolicy', filled],
  'secret-template': ['secretTemplate', template],
};

/** The part of a CertificateSpec, as a manifest would write it, that the annotations ask for; every malformed one is a problem. */
export function readAnnotations(annotations: Readonly<Record<string, string>>): {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
} {
  const spec: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, [path, parse]] of Object.entries(ANNOTATIONS)) {
    const key = `cert-manager.io/${name}`;
    const given = annotations[key];
    if (given === undefined) continue;
    const parsed = parse(given);
    if ('problem' in parsed) {
      problems.push(`annotation ${key}: ${parsed.problem}`);
      continue;
    }
    const [outer = '', inner] = path.split('.');
    spec[outer] = inner === undefined ? parsed.value : { ...(spec[outer] as object), [inner]: parsed.value };
  }
  return { spec, problems };
}
