/** Tells whether a text holds a private key: as PEM, as PEM in base64 (as a Secret's data is), or as the very value of `tls.key`. */

const PEM_LABEL = 'PRIVATE KEY-----';

/** The label as it looks inside base64, by each of the three ways in which it can lie in groups of three bytes. */
const IN_BASE64: readonly string[] = [0, 1, 2].map((offset) => {
  const encoded = Buffer.from(`${' '.repeat(offset)}${PEM_LABEL}`).toString('base64');
  // The characters at both ends also depend on the bytes beside the label.
  return encoded.slice(offset === 0 ? 0 : offset + 1, -4);
});

/** `keyBase64` is the Secret's own `data["tls.key"]`; it is found even where it is no PEM. */
export const holdsPrivateKey = (text: string, keyBase64?: string): boolean =>
  text.includes(PEM_LABEL) ||
  IN_BASE64.some((form) => text.includes(form)) ||
  (keyBase64 !== undefined && keyBase64 !== '' && text.includes(keyBase64));
