/** The back door of one sandbox part: arms faults and clears them, past the recorder. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Upstream } from './recorder.ts';
import type { Fault } from './world.ts';

function send(part: Upstream, method: 'POST' | 'DELETE', body?: string): Promise<void> {
  const url = new URL('/_sandbox/faults', part.url);
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    request(url, { method, agent: false, ...(part.caPem ? { ca: part.caPem } : {}) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${method} ${url}: ${answer.statusCode} ${text}`));
      });
    })
      .on('error', reject)
      .end(body);
  });
}

/** Throws when the part does not know such a fault. */
export const setFault = (part: Upstream, fault: Fault): Promise<void> => send(part, 'POST', JSON.stringify(fault));

/** Ends all faults of the part. */
export const clearFaults = (part: Upstream): Promise<void> => send(part, 'DELETE');
