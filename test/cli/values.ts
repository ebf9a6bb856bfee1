/** Small values for tests of the command, each with what the test is about and nothing else to be known. */
import fc from 'fast-check';
import { type Paper, plain } from '../../cli/output/paper.ts';
import type { Finding } from '../../shared/contract/finding.ts';
import type { CertificateView } from '../../shared/contract/observation.ts';
import type { Happened } from '../../shared/contract/rows.ts';
import type { PlanEntry } from '../../shared/lanes/plan.ts';

export const NOW = new Date('2026-11-24T09:00:00.000Z');

export const paper = (width = 80): Paper => ({ width, now: NOW, ink: plain });

export const view = (over: Partial<CertificateView> = {}): CertificateView => ({
  id: 'prod-eu/shop/shop-tls',
  cluster: 'prod-eu',
  namespace: 'shop',
  name: 'shop-tls',
  kind: 'Certificate',
  names: ['shop.example.com'],
  issuer: 'fleet/letsencrypt',
  serial: '03ab',
  notBefore: '2026-08-26T09:00:00.000Z',
  notAfter: '2026-11-26T09:00:00.000Z',
  renewAt: '2026-10-25T09:00:00.000Z',
  state: 'overdue',
  managedBy: 'nolapse',
  ...over,
});

/** That one is due, with all of its places written. */
export const planned = (over: Partial<PlanEntry> = {}): PlanEntry => ({
  id: 'prod-eu/shop/shop-tls',
  reason: 'Renewing',
  message: 'its time has come',
  at: NOW.toISOString(),
  ...{ destinations: [], places: [], endpoints: [], limits: [], txt: [] },
  ...over,
});

export const finding = (over: Partial<Finding> = {}): Finding => ({
  code: 'expired',
  severity: 'critical',
  object: { cluster: 'prod-eu', kind: 'Secret', namespace: 'shop', name: 'shop-tls' },
  names: ['shop.example.com'],
  message: 'the certificate expired, clients refuse it',
  evidence: { serial: '03ab', tried: '3 times' },
  since: '2026-11-21T09:00:00.000Z',
  fix: 'nolapse renew prod-eu/shop/shop-tls --force',
  ...over,
});

export const happened = (
  what: string,
  detail: Happened['detail'] = {},
  subject = 'prod-eu/shop/shop-tls',
): Happened => ({
  subject,
  what,
  stage: 'issue',
  at: NOW.toISOString(),
  detail,
});

/** Texts as clusters may hold them: very long, empty, and full of what steers a terminal. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc.string({ maxLength: 300 }),
  fc.constantFrom(
    '\u001b[2J',
    'a\rb',
    '\u202eexe.txt',
    '\u009b31m',
    'a\nb',
    '\u2028',
    'x'.repeat(300),
    'a/b.c'.repeat(40),
  ),
);

/** What a terminal would act on, newlines included. */
export const STEERING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
