/** Ours, as CAs see it in the User-Agent. */
export const VERSION = '0.1.0';
