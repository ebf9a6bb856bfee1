/** Which resource of the CA a path names. */

export type Resource =
  | { readonly kind: 'directory' | 'newNonce' | 'newAccount' | 'newOrder' | 'revokeCert' }
  | { readonly kind: 'account' | 'order' | 'finalize' | 'authz' | 'certificate' | 'alternate'; readonly id: string }
  | { readonly kind: 'challenge'; readonly id: string; readonly type: string };

const FIXED = {
  '/dir': 'directory',
  '/nonce': 'newNonce',
  '/account': 'newAccount',
  '/order': 'newOrder',
  '/revoke': 'revokeCert',
} as const;

const isFixed = (path: string): path is keyof typeof FIXED => Object.hasOwn(FIXED, path);

/** Undefined = none. */
export function readResource(path: string): Resource | undefined {
  if (isFixed(path)) return { kind: FIXED[path] };
  const [, collection, id, sub, ...more] = path.split('/');
  if (!id || more.length > 0) return undefined;
  if (collection === 'challenge') return sub ? { kind: 'challenge', id, type: sub } : undefined;
  if (collection === 'order' && sub === 'finalize') return { kind: 'finalize', id };
  if (collection === 'certificate' && sub === 'alternate') return { kind: 'alternate', id };
  const isCollection =
    collection === 'account' || collection === 'order' || collection === 'authz' || collection === 'certificate';
  return isCollection && sub === undefined ? { kind: collection, id } : undefined;
}

/** The absolute URLs of the directory (RFC 8555 §7.1.1). */
export const directoryUrls = (origin: string) => ({
  newNonce: `${origin}/nonce`,
  newAccount: `${origin}/account`,
  newOrder: `${origin}/order`,
  revokeCert: `${origin}/revoke`,
});
