/** Where a CA issues on trial: its staging environment, known for Let's Encrypt and named by an annotation for every other CA. Pure. */
import type { AcmeIssuerSpec } from '../../contract/fleet.ts';
import { STAGING_ANNOTATION } from '../../contract/marks.ts';
import { directoryProblem } from './directory.ts';

/** letsencrypt.org/docs/staging-environment, November 2026. */
const PRODUCTION = 'acme-v02.api.letsencrypt.org';
const STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory';

/** `itself`: what it issues is for trials anyway. */
export type StagingTwin =
  | { readonly is: 'itself' }
  | { readonly is: 'other'; readonly server: string }
  | { readonly is: 'unknown'; readonly message: string; readonly fix: string };

type Server = Pick<AcmeIssuerSpec, 'server' | 'stagingServer'>;

const hostOf = (server: string): string | undefined => URL.parse(server)?.hostname;

/** What is wrong with the annotation of an issuer, or undefined: also where there is none. */
export function stagingServerProblem({ stagingServer }: Pick<Server, 'stagingServer'>) {
  if (stagingServer === undefined) return undefined;
  if (hostOf(stagingServer) === PRODUCTION)
    return { message: `${stagingServer} is the production of Let's Encrypt`, fix: `write ${STAGING}` };
  return directoryProblem(stagingServer);
}

/** The annotation comes before what is known; an issuer whose annotation names its own server is a staging one. */
export function stagingTwinOf(spec: Server): StagingTwin {
  const { server, stagingServer } = spec;
  const problem = stagingServerProblem(spec);
  if (problem)
    return {
      ...{ is: 'unknown', message: `its annotation ${STAGING_ANNOTATION}: ${problem.message}` },
      fix: problem.fix ?? 'write the https URL of the directory',
    };
  if (stagingServer !== undefined)
    return stagingServer === server ? { is: 'itself' } : { is: 'other', server: stagingServer };
  const host = hostOf(server);
  if (host === PRODUCTION) return { is: 'other', server: STAGING };
  if (host === hostOf(STAGING)) return { is: 'itself' };
  return {
    is: 'unknown',
    message: `nobody says where the staging environment of ${server} is`,
    fix: `annotate it with ${STAGING_ANNOTATION}: <the https URL of that CA's staging directory>; its own URL where it is one`,
  };
}
