/** Finds challenges that were answered before the zone's name servers served their value, in what the recorder saw. */
import type { Recorded } from './recorder.ts';

interface Change {
  readonly record: Recorded;
  /** `/2013-04-01/change/<id>`; the API gives it in its answer. */
  readonly path: string;
  /** Names that got a value. */
  readonly names: readonly string[];
}

const WRITTEN = /<Action>(?:CREATE|UPSERT)<\/Action>\s*<ResourceRecordSet>\s*<Name>([^<]+?)\.?<\/Name>/g;
const CHANGE_ID = /<Id>\/change\/([^<]+)<\/Id>/;

const text = (body: Buffer): string => body.toString();

/** Changes that the API accepted. */
function changesIn(seen: readonly Recorded[]): readonly Change[] {
  return seen.flatMap((record) => {
    const [, id] = CHANGE_ID.exec(text(record.responseBody)) ?? [];
    if (!record.path.endsWith('/rrset') || record.kind === 'read' || id === undefined) return [];
    const names = [...text(record.requestBody).matchAll(WRITTEN)].map(([, name = '']) => name.toLowerCase());
    return [{ record, path: `/2013-04-01/change/${id}`, names }];
  });
}

interface Authorization {
  readonly identifier: { readonly value: string };
  readonly challenges: readonly { readonly url: string }[];
}

function authorizationIn({ responseBody }: Recorded): Authorization | undefined {
  const body = text(responseBody);
  if (!body.startsWith('{') || !body.includes('"challenges"')) return undefined;
  return JSON.parse(body) as Authorization;
}

/** The TXT name that each challenge is about, by the path of the challenge: authorizations tell (RFC 8555 §7.1.4). */
function namesOfChallenges(seen: readonly Recorded[]): ReadonlyMap<string, string> {
  const authorizations = seen.filter(({ protocol }) => protocol === 'acme').map(authorizationIn);
  return new Map(
    authorizations.flatMap((one) =>
      one ? one.challenges.map(({ url }) => [new URL(url).pathname, `_acme-challenge.${one.identifier.value}`]) : [],
    ),
  );
}

/** When a client was first told that the change is INSYNC; infinity = never. */
function toldInSync(seen: readonly Recorded[], { path }: Change): number {
  const told = seen.find((one) => one.path === path && text(one.responseBody).includes('<Status>INSYNC</Status>'));
  return told?.endedAt ?? Number.POSITIVE_INFINITY;
}

/** One sentence for each challenge answered before GetChange had said INSYNC of the last change that wrote a value at its name. */
export function earlyAnswers(seen: readonly Recorded[]): readonly string[] {
  const changes = changesIn(seen);
  const names = namesOfChallenges(seen);
  return seen.flatMap(({ n, operation, path, status = 0, startedAt }) => {
    // one that the CA refused, for its nonce as a rule, has answered nothing
    if (operation !== 'challenge' || status >= 400) return [];
    const name = names.get(path) ?? '';
    const change = changes.findLast(({ record, names: written }) => record.n < n && written.includes(name));
    if (!change) return [`request ${n}: answers the challenge for ${name || path}, where no value was written`];
    if (toldInSync(seen, change) <= startedAt) return [];
    return [`request ${n}: answers the challenge for ${name} before ${change.path} was said to be INSYNC`];
  });
}
