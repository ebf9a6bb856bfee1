/** The parts of acme-client 5.4 that are used, as its sources have them (its own types cover the whole package, node-forge included). */

declare module 'acme-client/src/client.js' {
  interface AcmeResponse {
    readonly status: number;
    /** Lower-case names. */
    readonly headers: Readonly<Record<string, string | undefined>>;
    /** Parsed JSON where the answer is JSON, else text. */
    readonly data: unknown;
  }

  interface SigningOptions {
    readonly kid?: string | null;
    readonly nonce?: string;
  }

  interface ApiRequestOptions {
    readonly includeJwsKid?: boolean;
    readonly includeExternalAccountBinding?: boolean;
  }

  interface HttpClient {
    getDirectory(): Promise<object>;
    getJwk(): Readonly<Record<string, string>>;
    createSignedBody(url: string, payload: unknown, options: SigningOptions): object;
    createSignedHmacBody(hmacKey: string, url: string, payload: unknown, options: SigningOptions): object;
  }

  interface AcmeApi {
    accountUrl: string | null;
    createAccount(data: object): Promise<AcmeResponse>;
    updateAccount(data: object): Promise<AcmeResponse>;
    createOrder(data: object): Promise<AcmeResponse>;
    getOrder(url: string): Promise<AcmeResponse>;
    getAuthorization(url: string): Promise<AcmeResponse>;
    completeChallenge(url: string, data: object): Promise<AcmeResponse>;
    finalizeOrder(url: string, data: object): Promise<AcmeResponse>;
    getAccountUrl(): string;
    /** POST-as-GET where the payload is null. */
    apiRequest(
      url: string,
      payload: unknown,
      validStatusCodes?: readonly number[],
      options?: ApiRequestOptions,
    ): Promise<AcmeResponse>;
  }

  interface ClientOptions {
    readonly directoryUrl: string;
    /** PEM. */
    readonly accountKey: Buffer;
    readonly accountUrl?: string | null;
  }

  class Client {
    constructor(options: ClientOptions);
    readonly http: HttpClient;
    readonly api: AcmeApi;
    getChallengeKeyAuthorization(challenge: { readonly type: string; readonly token: string }): Promise<string>;
  }

  namespace Client {
    export type { AcmeResponse };
  }

  export = Client;
}
