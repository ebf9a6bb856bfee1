/** The back door of one sandbox part: arms faults and clears them, and tells what was asked, past the recorder. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Seen } from '../../../sandbox/control.ts';
import type { Upstream } from './recorder.ts';
import type { Fault } from './world.ts';

function send(part: Upstream, method: 'GET' | 'POST' | 'DELETE', path: string, body?: string): Promise<string> {
  const url = new URL(`/_sandbox/${path}`, part.url);
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    request(url, { method, agent: false, ...(part.caPem ? { ca: part.caPem } : {}) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`${method} ${url}: ${answer.statusCode} ${text}`));
      });
    })
      .on('error', reject)
      .end(body);
  });
}

/** Throws when the part does not know such a fault. */
export const setFault = async (part: Upstream, fault: Fault): Promise<void> =>
  void (await send(part, 'POST', 'faults', JSON.stringify(fault)));

/** Ends all faults of the part. */
export const clearFaults = async (part: Upstream): Promise<void> => void (await send(part, 'DELETE', 'faults'));

/** What the part was asked, as it counts. */
export const requestsOf = async (part: Upstream): Promise<readonly Seen[]> =>
  JSON.parse(await send(part, 'GET', 'requests')) as readonly Seen[];
