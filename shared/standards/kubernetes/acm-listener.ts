/** Whether the load balancer of an Ingress serves certificates of AWS instead of Secrets, by the AWS Load Balancer Controller's annotations. */

type Texts = Readonly<Record<string, string>>;

const DOMAIN = 'alb.ingress.kubernetes.io';
/** An ACM certificate, or one of IAM, which load balancers take as well. */
const ARN =
  /^arn:[a-z-]+:(acm:[a-z0-9-]+:\d+:certificate\/[\w-]{1,64}|iam::\d+:server-certificate\/[\w+=,.@/-]{1,160})$/;

/**
 * The ARNs of the annotation `certificate-arn`, in order. Empty: of class `alb` with TLS and without the annotation, so that the controller
 * finds certificates by the hosts. Undefined: certificates are those of the Secrets. `isTls`: it has tls blocks.
 */
export function acmCertificates(
  annotations: Texts,
  { className, isTls }: { readonly className: string | undefined; readonly isTls: boolean },
): readonly string[] | undefined {
  const named = (annotations[`${DOMAIN}/certificate-arn`] ?? '').split(',').map((one) => one.trim());
  const arns = [...new Set(named.filter((one) => ARN.test(one)))];
  if (arns.length > 0) return arns;
  const isAlb = (className ?? annotations['kubernetes.io/ingress.class']) === 'alb';
  const listens = annotations[`${DOMAIN}/listen-ports`]?.includes('HTTPS') ?? false;
  return isAlb && (isTls || listens) ? [] : undefined;
}
