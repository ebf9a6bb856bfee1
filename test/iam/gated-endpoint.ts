/** A server in front of an AWS endpoint that lets through what the gate lets through. */
import { type Answer, type Asked, type Listening, listen } from '../../sandbox/listen.ts';
import type { Gate } from './gate.ts';

/** Of one connection, or said anew. */
const OWN_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding', 'expect'];

async function passedOn({ method, path, query, headers, body }: Asked, url: string): Promise<Answer> {
  const kept = Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name));
  const search = query.size > 0 ? `?${query}` : '';
  const answer = await fetch(new URL(path + search, url), {
    ...{ method, headers: Object.fromEntries(kept) as Record<string, string> },
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
  const told = [...answer.headers].filter(([name]) => !OWN_HEADERS.includes(name) && name !== 'content-encoding');
  return { status: answer.status, headers: Object.fromEntries(told), body: await answer.text() };
}

export const gatedEndpoint = (gate: Gate, url: string): Promise<Listening> =>
  listen(async (asked) => {
    const request = { ...asked, query: asked.query.size > 0 ? `?${asked.query}` : '' };
    const verdict = gate.judge(request);
    if (verdict.is === 'denied') return verdict.answer;
    const answer = await passedOn(asked, url);
    const after = gate.answered(request, { status: answer.status, body: String(answer.body ?? '') });
    return after.is === 'denied' ? after.answer : answer;
  });
