/** IP addresses as text: one spelling for each address, so that what was asked and what was issued compare. No zones, no prefixes. */

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);
/** IPv4 in IPv6 (RFC 4291 §2.5.5.2) is the IPv4 address: a certificate holds its four octets. */
const MAPPED = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/;

/** The address in its canonical text (RFC 5952), or undefined where it is none. */
export function canonicalIp(text: string): string | undefined {
  if (IPV4.test(text)) return text;
  if (!/^[\da-fA-F:.]+$/.test(text) || !text.includes(':')) return undefined;
  const url = URL.parse(`http://[${text}]/`);
  if (!url) return undefined;
  const mapped = MAPPED.exec(url.hostname);
  if (!mapped) return url.hostname.slice(1, -1);
  return mapped
    .slice(1)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join('.');
}
