/** moto for Secrets Manager, SNS, SQS, STS, DynamoDB, S3 and KMS, in a Python environment of its own with every version pinned. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keep, MissingToolError } from './cache.ts';
import { command } from './command.ts';
import { freePorts, type Server, startServer } from './server.ts';

const PINS = join(import.meta.dirname, 'tools/moto/requirements.txt');
const PYTHON_IS_HAD =
  'Install Python 3.10 or later with its venv module: https://www.python.org/downloads/ (Debian: apt install python3-venv).';

export interface Moto extends Server {
  readonly url: string;
  /** Empties every service. */
  reset(): Promise<void>;
}

/** Debian's python3 comes without what venv needs; it says so and fails. */
async function makeEnvironment(into: string): Promise<void> {
  try {
    await command('python3', ['-m', 'venv', into]);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new MissingToolError(`No Python environment could be made. ${PYTHON_IS_HAD}\n${said}`, { cause: error });
  }
}

/** The folder of moto's own Python environment, made if it is not there yet. Throws MissingToolError without Python. */
export async function ensureMoto(): Promise<string> {
  const pins = await readFile(PINS, 'utf8');
  const python = await command('python3', ['--version'], { howToGet: PYTHON_IS_HAD });
  const { folder, was } = await keep({
    name: 'moto',
    from: [pins, python],
    make: async (into) => {
      console.log('  moto: installing from PyPI, about 30 s');
      await makeEnvironment(into);
      const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', PINS];
      await command(join(into, 'bin/python'), args, { progress: 'moto: still installing' });
    },
  });
  console.log(`  moto ${pins.match(/^moto\[server\]==(.+)$/m)?.[1]} (${was})`);
  return folder;
}

/** Starts moto; `folder` takes its log. */
export async function startMoto(environment: string, folder: string): Promise<Moto> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: 'moto',
    program: join(environment, 'bin/python'),
    args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    folder,
    ready: async () => (await fetch(`${url}/moto-api/data.json`)).ok,
  });
  const reset = async (): Promise<void> => {
    const answer = await fetch(`${url}/moto-api/reset`, { method: 'POST' });
    if (!answer.ok) throw new Error(`moto: reset answered ${answer.status}`);
  };
  return { ...server, url, reset };
}
