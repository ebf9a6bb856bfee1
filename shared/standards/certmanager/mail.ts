/** E-mail addresses as certificates hold them: the plain address, no display name, no scheme (RFC 5280 §4.2.1.6). */

const PLAIN = /^[^\s@<>()[\],;:"\\]+@[^\s@<>()[\],;:"\\]+$/;

export const mailProblem = (text: string): string | undefined =>
  PLAIN.test(text) && /^[\x21-\x7e]+$/.test(text)
    ? undefined
    : `${JSON.stringify(text.slice(0, 80))} is no plain e-mail address (user@example.com)`;
