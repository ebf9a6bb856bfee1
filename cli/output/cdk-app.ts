/** An app of AWS CDK that deploys a fleet, as files: its name in the folder to its text. */
import packageJson from '../../package.json' with { type: 'json' };

const { version, peerDependencies, devDependencies } = packageJson;

/** Nolapse is in no registry: its package is made from the sources, and lies beside the app. */
const PACKAGE_FILE = `nolapse-${version}.tgz`;

const APP = `import { App, Stack } from 'aws-cdk-lib';
import { CertificateRenewal } from 'nolapse';

const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const app = new App();
const stack = new Stack(app, 'nolapse', { env: { account, region } });
new CertificateRenewal(stack, 'Certs', { fleet: 'fleet.yaml' });
app.synth();
`;

const text = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

export const cdkApp = (fleet: string): Readonly<Record<string, string>> => ({
  'package.json': text({
    ...{ name: 'nolapse-service', private: true, type: 'module' },
    dependencies: { ...peerDependencies, nolapse: `file:${PACKAGE_FILE}` },
    devDependencies: { 'aws-cdk': `^${devDependencies['aws-cdk']}` },
  }),
  'cdk.json': text({ app: 'node app.js' }),
  'app.js': APP,
  'fleet.yaml': fleet,
});
