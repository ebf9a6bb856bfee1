/** PEM text as it is found in Secrets: line ends, marks and texts around blocks do not matter, limits do. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { certificateBlocks, pemBlocks } from '../../../../shared/standards/x509/pem.ts';

const block = (label: string, body = 'QUJD'): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const one = block('CERTIFICATE');
const bytes = (text: string): Buffer => Buffer.from(text);

describe('pemBlocks', () => {
  test.each([
    ['nothing', '', []],
    ['one block', one, ['CERTIFICATE']],
    ['CRLF', one.replaceAll('\n', '\r\n'), ['CERTIFICATE']],
    ['CR alone', one.replaceAll('\n', '\r'), ['CERTIFICATE']],
    ['a byte order mark', `\uFEFF${one}`, ['CERTIFICATE']],
    ['a byte order mark as bytes', Buffer.from(`\uFEFF${one}`).toString('latin1'), ['CERTIFICATE']],
    ['blanks at line ends', one.replaceAll('\n', ' \t\n'), ['CERTIFICATE']],
    ['no line end after the last line', one.trimEnd(), ['CERTIFICATE']],
    ['text between blocks', `subject=a\n${one}\n# then\n${one}bye`, ['CERTIFICATE', 'CERTIFICATE']],
    [
      'EC PARAMETERS before a key',
      block('EC PARAMETERS') + block('EC PRIVATE KEY'),
      ['EC PARAMETERS', 'EC PRIVATE KEY'],
    ],
    ['an END without BEGIN', `-----END CERTIFICATE-----\n${one}`, ['CERTIFICATE']],
  ])('finds the blocks of %s', (_, text, labels) => {
    const blocks = pemBlocks(text);
    expect(blocks.map(({ label }) => label)).toEqual(labels);
    expect(blocks.every(({ ended }) => ended)).toBe(true);
  });

  test('gives a block alone, with plain line ends', () => {
    expect(pemBlocks(`\uFEFFnote\r\n${one.replaceAll('\n', '\r\n')}`)).toEqual([
      { label: 'CERTIFICATE', text: one, ended: true },
    ]);
  });

  test.each([
    ['a block cut at the end', one.slice(0, -5), [false]],
    ['a block cut before another', `-----BEGIN CERTIFICATE-----\nQUJD\n${one}`, [false, true]],
    ['a block ended by another label', one.replace('END CERTIFICATE', 'END X'), [false]],
  ])('marks %s', (_, text, ended) => {
    expect(pemBlocks(text).map((b) => b.ended)).toEqual(ended);
  });

  test('takes time in proportion to the text, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('-----BEGIN ', '-----END ', 'X', '-----', '\n', '\r', ' ', 'A'), { maxLength: 300 }),
        (parts) => {
          const text = parts.join('');
          expect(pemBlocks(text).reduce((sum, b) => sum + b.text.length, 0)).toBeLessThanOrEqual(text.length + 1);
        },
      ),
    );
  });
});

describe('certificateBlocks', () => {
  test('gives each certificate, and no other block', () => {
    expect(certificateBlocks(bytes(`${block('PRIVATE KEY')}${one}${block('CERTIFICATE', 'REVG')}`), 'tls.crt')).toEqual(
      {
        pems: [one, block('CERTIFICATE', 'REVG')],
      },
    );
  });

  test.each([
    ['no PEM', 'hello', 'bad-certificate', 'tls.crt holds no PEM block CERTIFICATE'],
    ['an indented block', one.replaceAll(/^/gm, '  '), 'bad-certificate', 'tls.crt holds no PEM block CERTIFICATE'],
    ['DER', '0\x03\x02\x01\x01', 'bad-certificate', 'tls.crt is DER (binary), not PEM'],
    ['a cut chain', one + one.slice(0, 40), 'bad-certificate', 'certificate 2 of 2 in tls.crt has no END line'],
    ['21 certificates', one.repeat(21), 'too-many', 'tls.crt holds 21 certificates, at most 20 are read'],
    ['65,537 bytes', 'x'.repeat(65_537), 'too-large', 'tls.crt has 65537 bytes, at most 65536 are read'],
  ])('refuses %s', (_, text, code, detail) => {
    expect(certificateBlocks(bytes(text), 'tls.crt')).toEqual({ problem: { code, detail } });
  });

  test('takes 20 certificates and 65,536 bytes', () => {
    expect(certificateBlocks(bytes(one.repeat(20).padEnd(65_536)), 'tls.crt')).toHaveProperty('pems.length', 20);
  });
});
