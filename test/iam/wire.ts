/** A request to AWS as it is on the wire, and the answer to it. */

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the signature says: who asks, and which service where. */
export interface Scope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

export function scopeOf({ headers }: Pick<WireRequest, 'headers'>): Scope {
  const credential = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request/;
  const [, accessKeyId, region, service] = credential.exec(String(headers.authorization ?? '')) ?? [];
  if (!accessKeyId || !region || !service) throw new TypeError('the request is not signed');
  return { accessKeyId, region, service };
}

export type Json = Readonly<Record<string, unknown>>;

export const jsonIn = ({ body }: WireRequest): Json => JSON.parse(body.toString() || '{}') as Json;

export const formIn = ({ body }: WireRequest): URLSearchParams => new URLSearchParams(body.toString());

/** The operation of a JSON protocol (`<service>.<operation>`) or of the query protocol. */
export const operationIn = (request: WireRequest): string => {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' ? (target.split('.').at(-1) ?? '') : (formIn(request).get('Action') ?? '');
};

/** The texts of all elements of that name, entities resolved. */
export const elementsIn = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
