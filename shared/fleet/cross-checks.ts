/** What must hold between the documents of a fleet: every issuer exists, every ACME name can be validated, every place has one owner. */
import type { CertificateSpec } from '../contract/certificate.ts';
import type { AcmeIssuerSpec, Issuer, Zone } from '../contract/fleet.ts';
import { FLEET_SOURCE } from '../contract/ids.ts';
import { challengeProblem } from '../standards/certmanager/challenge.ts';
import { issuerIdOf } from '../standards/certmanager/issuer.ts';
import { requestOf, whyNotByAcme } from '../standards/certmanager/request.ts';
import { canonicalName } from '../standards/dns/names.ts';
import type { Asked } from './resolve-certificates.ts';
import type { Say } from './resolve-settings.ts';
import { listed, nearestWord, shown } from './words.ts';

const nameOf = (text: string): string => {
  const canonical = canonicalName(text);
  return 'name' in canonical ? canonical.name : text;
};

const titleOf = (issuer: Issuer): string =>
  `${issuer.kind} ${issuer.namespace ? `${issuer.namespace}/` : ''}${issuer.name}`;

function issuerOf({ certificate }: Asked, issuers: readonly Issuer[]): Issuer | undefined {
  const { kind, name } = certificate.spec.issuerRef;
  if (kind === 'ClusterIssuer')
    return issuers.find((issuer) => issuer.id === issuerIdOf(FLEET_SOURCE, undefined, name));
  return issuers.find((issuer) => issuer.id === issuerIdOf(certificate.source, certificate.namespace ?? '', name));
}

/** The usual slip first: a ClusterIssuer of that name, referenced by the default kind Issuer, or the other way round. */
function hintFor({ certificate }: Asked, issuers: readonly Issuer[]): string | undefined {
  const { kind, name } = certificate.spec.issuerRef;
  const namesake = issuers.find((issuer) => issuer.name === name);
  if (namesake && kind === 'Issuer' && namesake.kind === 'ClusterIssuer')
    return `${name} is a ClusterIssuer: add kind: ClusterIssuer to issuerRef`;
  if (namesake?.kind === 'Issuer')
    return `the Issuer ${name} serves its own namespace ${namesake.namespace} only; make it a ClusterIssuer to use it here`;
  const near = nearestWord(
    name,
    issuers.map((issuer) => issuer.name),
  );
  return near ? `did you mean ${near}?` : undefined;
}

function sayNoIssuer(asked: Asked, issuers: readonly Issuer[], say: Say): void {
  const { kind, name } = asked.certificate.spec.issuerRef;
  const { namespace } = asked.certificate;
  const where = kind === 'Issuer' && namespace ? ` in the namespace ${namespace}` : '';
  const have = [...new Set(issuers.map(titleOf))];
  const fix = hintFor(asked, issuers);
  say({
    where: asked.document.where(asked.issuerAt),
    message: `issuerRef: there is no ${kind} ${shown(name)}${where} in the fleet file; it has: ${listed(have)}`,
    ...(fix ? { fix } : {}),
  });
}

function checkAcme(
  asked: Asked,
  issuer: Issuer & { readonly spec: AcmeIssuerSpec },
  zones: readonly Zone[],
  say: Say,
): void {
  const { document, certificate, namesAt } = asked;
  const spec: CertificateSpec = certificate.spec;
  const why = whyNotByAcme(requestOf(spec, issuer), issuer.spec);
  if (why)
    say({
      where: document.where(namesAt.slice(0, -1)),
      message: `spec.${why}`,
      fix: `the issuer ${issuer.name} is an ACME server; use a ca issuer for this`,
    });
  spec.dnsNames.forEach((name, i) => {
    const problem = challengeProblem(nameOf(name), issuer.spec, { zones, labels: certificate.labels });
    if (problem)
      say({
        where: document.where([...namesAt, String(i)]),
        message: `dnsNames: ${problem.message}`,
        fix: problem.fix,
      });
  });
}

const isAcme = (issuer: Issuer): issuer is Issuer & { readonly spec: AcmeIssuerSpec } => issuer.spec.type === 'acme';

function checkUnique(all: readonly Asked[], say: Say): void {
  const ids = new Map<string, string>();
  const places = new Map<string, { readonly id: string; readonly where: string }>();
  const endpoints = new Map<string, string>();
  for (const asked of all) {
    const { document, certificate, placesAt } = asked;
    const where = document.where(['metadata', 'name']);
    const first = ids.get(certificate.id);
    if (first) say({ where, message: `the certificate ${certificate.id} is there already, at ${first}` });
    else ids.set(certificate.id, where);
    certificate.places.forEach(({ place }, i) => {
      const at = document.where(placesAt[i] ?? []);
      const owner = places.get(place);
      if (owner && !first)
        say({
          where: at,
          message: `the place ${place} is wanted by ${owner.id} already, at ${owner.where}`,
          fix: 'a place holds one certificate: choose another name',
        });
      else places.set(place, { id: certificate.id, where: at });
    });
    certificate.endpoints?.forEach((endpoint, i) => {
      const owner = endpoints.get(endpoint);
      if (owner && owner !== certificate.id)
        say({
          where: document.where(asked.endpointsAt ? [...asked.endpointsAt, String(i)] : ['metadata', 'annotations']),
          message: `the endpoint ${endpoint} is named by ${owner} already`,
          fix: 'an endpoint shows one certificate: name it where that one is asked for',
        });
      else endpoints.set(endpoint, certificate.id);
    });
  }
}

/** Says every contradiction between what is asked, the issuers and the zones. */
export function checkTogether(
  all: readonly Asked[],
  fleet: { readonly issuers: readonly Issuer[]; readonly areAllIssuersRead: boolean; readonly zones: readonly Zone[] },
  say: Say,
): void {
  for (const asked of all) {
    const issuer = issuerOf(asked, fleet.issuers);
    if (!issuer && fleet.areAllIssuersRead) sayNoIssuer(asked, fleet.issuers, say);
    if (issuer && isAcme(issuer)) checkAcme(asked, issuer, fleet.zones, say);
  }
  checkUnique(all, say);
}
