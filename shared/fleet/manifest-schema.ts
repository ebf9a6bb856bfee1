/** The shape of the Kubernetes documents a fleet file may hold: every field of cert-manager.io/v1 is known, so that any other is a slip. */
import * as z from 'zod';
import { STAGING_ANNOTATION } from '../contract/marks.ts';

const text = z.string();
const texts = z.array(text);
const words = z.record(text, text);
const secretKey = z.strictObject({ name: text, key: text.optional() });
/** Known, and judged by the readers of the standard. */
const known = z.unknown().optional();

/** What a user writes, and what `kubectl get -o yaml` adds. */
const metadata = z.strictObject({
  name: text,
  namespace: text.optional(),
  labels: words.optional(),
  annotations: words.optional(),
  generateName: known,
  uid: known,
  resourceVersion: known,
  generation: known,
  creationTimestamp: known,
  deletionTimestamp: known,
  deletionGracePeriodSeconds: known,
  finalizers: texts.optional(),
  ownerReferences: known,
  managedFields: known,
  selfLink: known,
});

/** Other tools annotate what they like; this one is ours. */
const annotations = z
  .object({
    [STAGING_ANNOTATION]: text
      .optional()
      .describe(
        "Of an ACME issuer: the directory of its CA's staging environment, where nolapse rehearse orders; known of Let's Encrypt. Its own server where it is a staging one",
      ),
  })
  .catchall(text);
const issuerMetadata = metadata.extend({ annotations: annotations.optional() });

const namespaced = metadata.required({ namespace: true });

const keystore = z.strictObject({
  create: z.boolean(),
  alias: text.optional(),
  profile: text.optional(),
  passwordSecretRef: secretKey.optional(),
  password: text.optional(),
});

export const certificateSpec = z.strictObject({
  secretName: text,
  issuerRef: z.strictObject({ name: text, kind: text.optional(), group: text.optional() }),
  commonName: text.optional(),
  subject: z
    .strictObject({
      organizations: texts.optional(),
      countries: texts.optional(),
      organizationalUnits: texts.optional(),
      localities: texts.optional(),
      provinces: texts.optional(),
      streetAddresses: texts.optional(),
      postalCodes: texts.optional(),
      serialNumber: text.optional(),
    })
    .optional(),
  literalSubject: text.optional(),
  dnsNames: texts.optional(),
  ipAddresses: texts.optional(),
  uris: texts.optional(),
  emailAddresses: texts.optional(),
  otherNames: z.array(z.strictObject({ oid: text, utf8Value: text })).optional(),
  duration: text.optional(),
  renewBefore: text.optional(),
  renewBeforePercentage: z.int().optional(),
  renewal: z
    .strictObject({
      policy: text,
      windows: z.array(z.strictObject({ cron: text, windowDuration: text, timezone: text.optional() })).optional(),
    })
    .optional(),
  isCA: z.boolean().optional(),
  usages: texts.optional(),
  encodeUsagesInRequest: z.boolean().optional(),
  privateKey: z
    .strictObject({
      rotationPolicy: text.optional(),
      algorithm: text.optional(),
      size: z.int().optional(),
      encoding: text.optional(),
    })
    .optional(),
  signatureAlgorithm: text.optional(),
  revisionHistoryLimit: z.int().optional(),
  secretTemplate: z.strictObject({ labels: words.optional(), annotations: words.optional() }).optional(),
  keystores: z.strictObject({ jks: keystore.optional(), pkcs12: keystore.optional() }).optional(),
  additionalOutputFormats: z.array(z.strictObject({ type: text })).optional(),
  nameConstraints: z.strictObject({ critical: z.boolean().optional(), permitted: known, excluded: known }).optional(),
});

const solver = z.strictObject({
  selector: z
    .strictObject({ matchLabels: words.optional(), dnsNames: texts.optional(), dnsZones: texts.optional() })
    .optional(),
  http01: z.looseObject({}).optional(),
  dns01: z
    .strictObject({
      cnameStrategy: text.optional(),
      route53: z
        .strictObject({
          region: text.optional(),
          role: text.optional(),
          hostedZoneID: text.optional(),
          accessKeyID: text.optional(),
          accessKeyIDSecretRef: secretKey.optional(),
          secretAccessKeySecretRef: secretKey.optional(),
          auth: known,
        })
        .optional(),
      acmeDNS: known,
      akamai: known,
      azureDNS: known,
      cloudDNS: known,
      cloudflare: known,
      digitalocean: known,
      rfc2136: known,
      webhook: known,
    })
    .optional(),
  waitInsteadOfSelfCheck: text.optional(),
});

const issuerSpec = z.strictObject({
  acme: z
    .strictObject({
      server: text,
      email: text.optional(),
      caBundle: text.optional(),
      skipTLSVerify: z.boolean().optional(),
      preferredChain: text.optional(),
      profile: text.optional(),
      privateKeySecretRef: secretKey.optional(),
      disableAccountKeyGeneration: z.boolean().optional(),
      enableDurationFeature: z.boolean().optional(),
      externalAccountBinding: z
        .strictObject({ keyID: text, keySecretRef: secretKey, keyAlgorithm: text.optional() })
        .optional(),
      solvers: z.array(solver).optional(),
    })
    .optional(),
  ca: z
    .strictObject({
      secretName: text,
      crlDistributionPoints: texts.optional(),
      ocspServers: texts.optional(),
      issuingCertificateURLs: texts.optional(),
    })
    .optional(),
  selfSigned: z.strictObject({ crlDistributionPoints: texts.optional() }).optional(),
  vault: known,
  venafi: known,
  cyberArk: known,
});

const certManager = <K extends string, S extends z.ZodType, M extends z.ZodType>(kind: K, meta: M, spec: S) =>
  z.strictObject({
    apiVersion: z.literal('cert-manager.io/v1'),
    kind: z.literal(kind),
    metadata: meta,
    spec,
    status: known,
  });

export const certificateSchema = certManager('Certificate', namespaced, certificateSpec);
export const issuerSchema = certManager('Issuer', issuerMetadata.required({ namespace: true }), issuerSpec);
export const clusterIssuerSchema = certManager('ClusterIssuer', issuerMetadata, issuerSpec);

/** As much of a listener as asks for certificates, or says that it does not. */
const listener = z.looseObject({
  name: text,
  hostname: text.optional(),
  protocol: text,
  tls: z
    .looseObject({
      mode: text.optional(),
      certificateRefs: z
        .array(
          z.strictObject({
            group: text.optional(),
            kind: text.optional(),
            name: text,
            namespace: text.optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

export const gatewaySchema = z.strictObject({
  apiVersion: z.literal('gateway.networking.k8s.io/v1'),
  kind: z.literal('Gateway'),
  metadata: namespaced,
  spec: z.looseObject({ gatewayClassName: text, listeners: z.array(listener) }),
  status: known,
});

export const ingressSchema = z.strictObject({
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('Ingress'),
  metadata: namespaced,
  spec: z.strictObject({
    ingressClassName: text.optional(),
    defaultBackend: known,
    tls: z.array(z.strictObject({ hosts: texts.optional(), secretName: text.optional() })).optional(),
    rules: z.array(z.looseObject({ host: text.optional() })).optional(),
  }),
  status: known,
});
