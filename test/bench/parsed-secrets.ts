/** What a script behind kubectl does at least: reads the list from stdin and tells when each certificate ends. */
import { X509Certificate } from 'node:crypto';

interface List {
  readonly items: readonly { readonly type?: string; readonly data?: Readonly<Record<string, string>> }[];
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
const { items } = JSON.parse(Buffer.concat(chunks).toString()) as List;
const ends = items
  .filter(({ type }) => type === 'kubernetes.io/tls')
  .map(({ data }) => new X509Certificate(Buffer.from(data?.['tls.crt'] ?? '', 'base64')).validTo);
console.log(`${ends.length} certificates`);
