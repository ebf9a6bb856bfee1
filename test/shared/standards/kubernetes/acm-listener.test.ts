/** Which Ingresses are served certificates of AWS, and which. */
import { expect, test } from 'vitest';
import { acmCertificates } from '../../../../shared/standards/kubernetes/acm-listener.ts';

const ACM = 'arn:aws:acm:eu-west-1:111111111111:certificate/0a1b2c3d-0000-4000-8000-000000000001';
const IAM = 'arn:aws-cn:iam::111111111111:server-certificate/cloudfront/shop';
const ARNS = 'alb.ingress.kubernetes.io/certificate-arn';
const PORTS = 'alb.ingress.kubernetes.io/listen-ports';
const CLASS = 'kubernetes.io/ingress.class';

test.each<[string, Readonly<Record<string, string>>, string | undefined, boolean, readonly string[] | undefined]>([
  ['one ARN', { [ARNS]: ACM }, 'alb', true, [ACM]],
  ['of a class of another name, without tls', { [ARNS]: ACM }, 'public', false, [ACM]],
  ['several, with blanks and twice', { [ARNS]: ` ${ACM}, ${IAM},${ACM} ` }, 'alb', true, [ACM, IAM]],
  ['none named, tls of class alb', {}, 'alb', true, []],
  ['none named, class by annotation', { [CLASS]: 'alb' }, undefined, true, []],
  ['none named, a port for HTTPS', { [PORTS]: '[{"HTTP": 80}, {"HTTPS": 443}]' }, 'alb', false, []],
  ['class alb without TLS', { [PORTS]: '[{"HTTP": 80}]' }, 'alb', false, undefined],
  ['another class', {}, 'nginx', true, undefined],
  ['the class of the field before that of the annotation', { [CLASS]: 'alb' }, 'nginx', true, undefined],
  ['what is no ARN', { [ARNS]: 'shop-cert, arn:aws:acm:eu-west-1:1:certificate/a b' }, 'nginx', true, undefined],
])('%s', (_, annotations, className, isTls, expected) => {
  expect(acmCertificates(annotations, { className, isTls })).toEqual(expected);
});
