/** One GET over https that is trusted by a root of its own, on a connection of its own. */
import { get } from 'node:https';

/** The body of a 200. Throws for any other status. */
export function fetchText(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false, headers: { 'user-agent': 'nolapse-tests' } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`GET ${url}: ${answer.statusCode} ${text}`));
      });
    }).on('error', reject);
  });
}
