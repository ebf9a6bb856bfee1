/** The limits of ours, in one place. */
export const LEASE_MS = 60_000;
export const LEASE_RENEW_MS = 20_000;
/** Nobody stops a lane for longer at once: a certificate that is renewed in its last third must not end under a pause that was forgotten. */
export const MAX_PAUSE_MS = 7 * 86_400_000;
/** A lane stops this long before its deadline with everything stored. */
export const STOP_BEFORE_DEADLINE_MS = 60_000;
export const ORDER_WINDOW = 128;
/** Rows that one pass reads or writes at the same time. */
export const ROWS_AT_ONCE = 32;
export const REREAD_DUE_MS = 10_000;
export const KUBERNETES_WRITES = 4;
export const SECRETS_MANAGER_WRITES = 10;
/** Connections for a look at what is served that are open at once. */
export const HANDSHAKES_AT_ONCE = 32;
/** Endpoints that are looked at at the same time. */
export const PROBES_AT_ONCE = 16;
/** Addresses of one name that are asked. */
export const MAX_ADDRESSES = 32;
export const PAGE_SIZE = 500;
/** A chain of more certificates than this in one Secret is not parsed. */
export const MAX_CHAIN = 20;
/** Bytes of tls.crt that are parsed (facts: a 900 kB PEM must not stop an inventory). */
export const MAX_PEM_BYTES = 65_536;
/** Secrets Manager's own limit for one value. */
export const MAX_SECRET_BYTES = 65_536;
