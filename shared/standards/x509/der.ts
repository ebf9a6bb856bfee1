/** Reads DER (X.690 §10) one element at a time, within bounds; refuses what is not DER. Understands no types. */

export interface Element {
  readonly tag: number;
  /** The whole element is bytes[start, to), its content octets bytes[from, to). */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** The element at `at`, which must end at or before `end`. Throws RangeError on anything else. */
export function elementAt(bytes: Uint8Array, at: number, end: number): Element {
  const tag = octet(bytes, at, end);
  if ((tag & 0x1f) === 0x1f) throw new RangeError(`not the DER of a certificate: long tag at byte ${at}`);
  const first = octet(bytes, at + 1, end);
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthOctets > 4) throw new RangeError(`not DER: length form ${first} at byte ${at + 1}`);
  let length = lengthOctets === 0 ? first : 0;
  for (let i = 0; i < lengthOctets; i++) length = length * 256 + octet(bytes, at + 2 + i, end);
  const from = at + 2 + lengthOctets;
  const to = from + length;
  if (to > end) throw new RangeError(`not DER: element at byte ${at} ends at ${to}, after its parent's end ${end}`);
  return { tag, start: at, from, to };
}

/** The elements inside another, in order. */
export function* elementsIn(bytes: Uint8Array, parent: Element): Generator<Element> {
  for (let at = parent.from; at < parent.to; ) {
    const element = elementAt(bytes, at, parent.to);
    yield element;
    at = element.to;
  }
}

function octet(bytes: Uint8Array, at: number, end: number): number {
  const value = at < end ? bytes[at] : undefined;
  if (value === undefined) throw new RangeError(`not DER: ends at byte ${at}, in the middle of an element`);
  return value;
}
