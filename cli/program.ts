/** The command line itself: subcommands, options, help with examples. What each one does is in the file of its name. */
import { Option, Command as Program } from 'commander';
import type { AdoptOptions } from './adopt.ts';
import type { DoctorOptions } from './doctor.ts';
import type { InitOptions } from './init.ts';
import type { LeaveOptions } from './leave.ts';
import { examples } from './output/help.ts';
import type { PauseOptions } from './pause.ts';
import type { RenewOptions } from './renew.ts';
import { addRights, type RightsAsked } from './rights-program.ts';
import type { RunOptions } from './run.ts';
import { FAIL_ON, type RawOptions, REPORTS } from './settings.ts';

/** One command, understood. */
export type Asked =
  | { readonly command: 'inventory' | 'digest'; readonly raw: RawOptions }
  | { readonly command: 'plan'; readonly raw: RawOptions; readonly id?: string }
  | ({ readonly command: 'doctor'; readonly raw: RawOptions } & DoctorOptions)
  | ({ readonly command: 'init'; readonly raw: RawOptions } & InitOptions)
  | ({ readonly command: 'run'; readonly raw: RawOptions } & RunOptions)
  | ({ readonly command: 'renew'; readonly raw: RawOptions } & RenewOptions)
  | ({ readonly command: 'adopt'; readonly raw: RawOptions } & AdoptOptions)
  | ({ readonly command: 'pause'; readonly raw: RawOptions } & PauseOptions)
  | ({ readonly command: 'leave'; readonly raw: RawOptions } & LeaveOptions)
  | { readonly command: 'explain' | 'rehearse'; readonly raw: RawOptions; readonly id: string }
  | RightsAsked
  | { readonly command: 'demo'; readonly raw: RawOptions; readonly broken?: 'dns'; readonly story?: boolean }
  | { readonly command: 'part'; readonly name: string; readonly config: string };

const EXIT_CODES = `
Exit codes:
  0  fine
  1  findings at or above --fail-on; of doctor: something stands in the way
  2  usage or configuration
  3  something failed
  4  in progress: run again`;

const collected = (word: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), word];

function withOptions(program: Program): Program {
  return program
    .addOption(new Option('-f, --fleet <path>', 'fleet file, or a folder of them (default: fleet.yaml here)'))
    .addOption(
      new Option('--context <name>', 'look at this kubeconfig context without a fleet file; repeatable').argParser(
        collected,
      ),
    )
    .addOption(new Option('--kubeconfig <path>', 'where --context is looked up (default: KUBECONFIG, ~/.kube/config)'))
    .addOption(new Option('--state <folder>', 'what must be remembered between runs (default: .nolapse here)'))
    .addOption(
      new Option('--service <name>', 'work with a deployed service: its fleet and state; its functions do the work'),
    )
    .addOption(new Option('--deadline <duration>', 'end by then with everything stored, e.g. 10m (default: none)'))
    .addOption(
      new Option('--fail-on <severity>', `exit 1 on findings from here on: ${FAIL_ON.join(', ')} (default: high)`),
    )
    .addOption(
      new Option('-o, --output <format>', `table or json; of inventory also ${REPORTS.join(', ')} (default: table)`),
    )
    .addOption(new Option('--allow-exec', 'run credential plugins of kubeconfigs; each is printed before it runs'));
}

type Take = (asked: Asked) => void;

function addReading(program: Program, take: Take): void {
  program
    .command('inventory')
    .description('read all clusters and stores: what there is, and what is wrong with it')
    .option('--all', 'everything, not only the ten most urgent; JSON has it always')
    .addHelpText(
      'after',
      examples(
        'inventory',
        'inventory --context prod-eu --context prod-us',
        'inventory --all',
        'inventory --fleet fleet.yaml --fail-on critical',
        'inventory -o json',
        'inventory -o html > certificates.html',
        'inventory -o prometheus --fail-on never',
        'inventory --service acme',
      ),
    )
    .action((_options, command: Program) => take({ command: 'inventory', raw: command.optsWithGlobals() }));
  program
    .command('plan')
    .argument('[id]', 'all about one certificate, due or not: its id, or any unique ending of it')
    .description('what a run would do now, why and where, and what it takes; changes nothing')
    .addHelpText('after', examples('plan', 'plan shop-tls', 'plan --fleet fleet.yaml -o json', 'plan --service acme'))
    .action((id: string | undefined, _options, command: Program) =>
      take({ command: 'plan', raw: command.optsWithGlobals(), ...(id === undefined ? {} : { id }) }),
    );
  program
    .command('explain')
    .argument('<id>', 'a certificate, or any unique ending of its id')
    .description('the story of one certificate: wanted, renewal, attempt, failure, places, events')
    .addHelpText('after', examples('explain prod-eu/shop/shop-tls', 'explain shop-tls --service acme'))
    .action((id: string, _options, command: Program) =>
      take({ command: 'explain', id, raw: command.optsWithGlobals() }),
    );
}

function addInit(program: Program, take: Take): void {
  program
    .command('init')
    .option('--out <path>', 'where the file is written, never over another; - is stdout', 'fleet.yaml')
    .option(
      '--zones-from-profile <profile>',
      'list hosted zones with this AWS profile; those with names found are kept',
    )
    .option('--cdk <folder>', 'also write an app that deploys the service, into a new or empty folder')
    .description('write a fleet file of the contexts in audit mode, every guess with where it came from; asks nothing')
    .addHelpText(
      'after',
      examples(
        'init --context prod-eu --context prod-us',
        'init --context prod-eu --zones-from-profile dns',
        'init --context prod-eu --cdk service',
        'init --context prod-eu --out - | less',
      ),
    )
    .action((options: InitOptions, command: Program) => {
      const { out, zonesFromProfile, cdk } = options;
      const asked = { ...(zonesFromProfile !== undefined && { zonesFromProfile }), ...(cdk !== undefined && { cdk }) };
      take({ command: 'init', out, ...asked, raw: command.optsWithGlobals() });
    });
}

function addDoctor(program: Program, take: Take): void {
  program
    .command('doctor')
    .argument('[id...]', 'only what these certificates need: ids, or any unique endings of them')
    .description('what still stands between here and the next renewal, with the fix and who can do it; changes nothing')
    .addHelpText(
      'after',
      examples('doctor', 'doctor shop-tls', 'doctor --fleet fleet.yaml -o json', 'doctor --service acme'),
    )
    .action((ids: readonly string[], _options, command: Program) =>
      take({ command: 'doctor', ids, raw: command.optsWithGlobals() }),
    );
}

function addTelling(program: Program, take: Take): void {
  program
    .command('digest')
    .description('say how things stand on every channel of the fleet file: what is wrong, what was done, what comes')
    .addHelpText('after', examples('digest', 'digest --fleet fleet.yaml -o json', 'digest --service acme'))
    .action((_options, command: Program) => take({ command: 'digest', raw: command.optsWithGlobals() }));
}

function addRehearsal(program: Program, take: Take): void {
  program
    .command('rehearse')
    .argument('<id>', 'a certificate, or any unique ending of its id')
    .description('obtain it on trial: by your zone, from the staging environment of its CA; then throw it away')
    .addHelpText(
      'after',
      examples(
        'rehearse prod-eu/shop/shop-tls',
        'rehearse shop-tls --deadline 10m',
        'rehearse shop-tls --service acme',
      ),
    )
    .action((id: string, _options, command: Program) =>
      take({ command: 'rehearse', id, raw: command.optsWithGlobals() }),
    );
}

function addDoing(program: Program, take: Take): void {
  program
    .command('run')
    .description('renew what is due, deliver it everywhere, tell people')
    .addHelpText('after', examples('run', 'run --fleet fleet.yaml --deadline 10m', 'run -o json --fail-on never'))
    .option('--rejoin', 'take up a fleet that was left')
    .action(({ rejoin = false }: { rejoin?: boolean }, command: Program) =>
      take({ command: 'run', rejoin, raw: command.optsWithGlobals() }),
    );
  program
    .command('renew')
    .argument('<id>', 'a certificate, or any unique ending of its id')
    .option('--force', 'also when it is not due')
    .option('--dry-run', 'show what would be done; only reads')
    .description('renew one certificate if it is due, or say why it is not')
    .addHelpText('after', examples('renew prod-eu/shop/shop-tls', 'renew shop-tls --dry-run', 'renew shop-tls --force'))
    .action((id: string, options: { force?: boolean; dryRun?: boolean }, command: Program) => {
      const { force = false, dryRun = false } = options;
      take({ command: 'renew', id, force, dryRun, raw: command.optsWithGlobals() });
    });
  program
    .command('adopt')
    .argument('<id>', 'a certificate, or any unique ending of its id')
    .option('--yes', 'take over without asking')
    .description('show what is in its places and what would replace it; take them over on a yes')
    .addHelpText('after', examples('adopt prod-eu/shop/shop-tls', 'adopt shop-tls --yes'))
    .action((id: string, { yes = false }: { yes?: boolean }, command: Program) =>
      take({ command: 'adopt', id, yes, raw: command.optsWithGlobals() }),
    );
}

function addPause(program: Program, take: Take): void {
  program
    .command('pause')
    .argument('<lane>', 'inventory:<cluster>, issue:<issuer>, deliver:<cluster or store>, or notify')
    .option('--for <duration>', 'how long, at most 168h; it ends by itself')
    .option('--because <reason>', 'told to everybody until it ends')
    .option('--end', 'let the lane go on now')
    .description('stop all work with one cluster, issuer or store for a while')
    .addHelpText(
      'after',
      examples(
        'pause deliver:prod-eu --for 2h --because "API server maintenance"',
        'pause issue:fleet/letsencrypt --for 1h --because test --service acme',
        'pause deliver:prod-eu --end',
      ),
    )
    .action(
      (lane: string, { end = false, ...said }: { for?: string; because?: string; end?: boolean }, command: Program) =>
        take({ command: 'pause', lane, end, ...said, raw: command.optsWithGlobals() }),
    );
}

function addLeave(program: Program, take: Take): void {
  program
    .command('leave')
    .option('--yes', 'leave without asking')
    .option('--dry-run', 'show what would be done; only reads')
    .description('give the fleet up: end orders, remove TXT values, give Secrets back as they are; say what stays')
    .addHelpText('after', examples('leave --dry-run', 'leave', 'leave --yes --deadline 5m', 'leave --service acme'))
    .action(({ yes = false, dryRun = false }: { yes?: boolean; dryRun?: boolean }, command: Program) =>
      take({ command: 'leave', yes, dryRun, raw: command.optsWithGlobals() }),
    );
}

function addDemo(program: Program, take: Take): void {
  program
    .command('demo')
    .addOption(new Option('--break <part>', 'let a part of the world fail, to see what is said then').choices(['dns']))
    .addOption(
      new Option('--story', 'one cluster in which all seems to run, and the seven things that are wrong').conflicts(
        'break',
      ),
    )
    .description('a small fleet in a box on this machine, from inventory to delivery; needs no account')
    .addHelpText('after', examples('demo', 'demo --story', 'demo --break dns'))
    .action((options: { break?: 'dns'; story?: boolean }, command: Program) => {
      const { story = false } = options;
      take({ command: 'demo', story, raw: command.optsWithGlobals(), ...(options.break && { broken: options.break }) });
    });
  program
    .command('part', { hidden: true })
    .argument('<name>')
    .argument('[config]', '', '{}')
    .action((name: string, config: string) => take({ command: 'part', name, config }));
}

/** The whole command line; `take` is handed the one command that was asked for. Throws CommanderError instead of ending the process. */
export function programOf(version: string, take: Take): Program {
  const program = new Program('nolapse');
  program
    .description(
      'Keeps the TLS certificates of a fleet of Kubernetes clusters from lapsing, from outside the clusters.',
    )
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  withOptions(program);
  addReading(program, take);
  addInit(program, take);
  addRehearsal(program, take);
  addDoctor(program, take);
  addDoing(program, take);
  addTelling(program, take);
  addPause(program, take);
  addLeave(program, take);
  addRights(program, take);
  addDemo(program, take);
  program.addHelpText(
    'after',
    `${EXIT_CODES}\n${examples('inventory --context prod-eu', 'plan', 'run --deadline 10m', 'inventory --service acme', 'demo').trimEnd()}`,
  );
  return program;
}
