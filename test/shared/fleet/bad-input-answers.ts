/** What each bad fleet file is answered, line by line. */

export const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'an unknown key in a cluster': [
    'fleet.yaml:8:7: spec.clusters[0]: unknown key "modee"; allowed: name, eks, kubeconfig, reach, mode, trustDomain, clusterResourceNamespace, namePolicy (did you mean mode?)',
  ],
  'an unknown key far from any word': [
    'fleet.yaml:8:7: spec.clusters[0]: unknown key "colour"; allowed: name, eks, kubeconfig, reach, mode, trustDomain, clusterResourceNamespace, namePolicy',
  ],
  'an unknown key in a Certificate': [
    'fleet.yaml:27:3: spec: names nothing (give at least one of dnsNames, ipAddresses, uris, emailAddresses or commonName)',
    'fleet.yaml:28:3: spec: unknown key "dnsName"; allowed: secretName, issuerRef, commonName, subject, literalSubject, dnsNames, ipAddresses, uris, emailAddresses, otherNames, duration, renewBefore, … (did you mean dnsNames?)',
  ],
  'an unknown key in an issuer': [
    'fleet.yaml:18:5: spec.acme: unknown key "mail"; allowed: server, email, caBundle, skipTLSVerify, preferredChain, profile, privateKeySecretRef, disableAccountKeyGeneration, enableDurationFeature, externalAccountBinding, … (did you mean email?)',
  ],
  'an unknown key in a solver': [
    'fleet.yaml:21:22: spec.acme.solvers[0].dns01.route53: unknown key "hostedZoneId"; allowed: region, role, hostedZoneID, accessKeyID, accessKeyIDSecretRef, secretAccessKeySecretRef, auth (did you mean hostedZoneID?)',
  ],
  'a misspelt mode': [
    'fleet.yaml:8:13: spec.clusters[0].mode: "mange" is not allowed; allowed: audit, manage (did you mean manage?)',
  ],
  'the mode of a later version': [
    'fleet.yaml:8:13: spec.clusters[0].mode: the mode backstop is not honoured by this version (use audit or manage)',
  ],
  'a cluster reached in two ways': ['fleet.yaml:6:7: spec.clusters[0]: must have exactly one of eks, kubeconfig'],
  'a kubeconfig in two places': [
    'fleet.yaml:7:19: spec.clusters[0].kubeconfig: must have exactly one of path, secretId',
  ],
  'a kubeconfig in no place': ['fleet.yaml:7:19: spec.clusters[0].kubeconfig: must have exactly one of path, secretId'],
  'an EKS cluster without region': ['fleet.yaml:7:7: spec.clusters[0].eks.region: is required'],
  'an ARN for the name of an EKS cluster': [
    'fleet.yaml:7:27: spec.clusters[0].eks.clusterName: "arn:aws:eks:eu-west-1:1:cluster/prod" is no name of an EKS cluster (the last word of its ARN)',
  ],
  'an EKS cluster with a user for a role': [
    'fleet.yaml:7:42: spec.clusters[0].eks.roleArn: "arn:aws:iam::111111111111:user/x" is no ARN of an IAM role',
  ],
  'an external id without a role': ['fleet.yaml:7:12: spec.clusters[0].eks: externalId goes with roleArn'],
  'a misspelt key of eks': [
    'fleet.yaml:7:33: spec.clusters[0].eks: unknown key "roleARN"; allowed: clusterName, region, roleArn, externalId (did you mean roleArn?)',
  ],
  'a reach that is nowhere': [
    'fleet.yaml:8:14: spec.clusters[0].reach: there is no "corp" in spec.reach; it has: none (describe it in spec.reach, or take it out here)',
  ],
  'a misspelt reach': [
    'fleet.yaml:8:14: spec.clusters[0].reach: there is no "crop" in spec.reach; it has: corp (did you mean corp?)',
  ],
  'two reaches of one name': ['fleet.yaml:9:128: spec.reach[1].name: "corp" is there already, at fleet.yaml:9:19'],
  'a reach too many': ['fleet.yaml:9:10: spec.reach: has more than 8'],
  'ids in a reach that are none': [
    'fleet.yaml:9:32: spec.reach[0].vpcId: "vpc_01234567" is no id of a VPC (vpc-…)',
    'fleet.yaml:9:58: spec.reach[0].subnetIds[0]: "subnet_0123456789abcdef0" is no id of a subnet (subnet-…)',
    'fleet.yaml:9:104: spec.reach[0].securityGroupIds[0]: "sg_01234567" is no id of a security group (sg-…)',
  ],
  'a reach without subnets': ['fleet.yaml:9:57: spec.reach[0].subnetIds: is empty, at least 1 is needed'],
  'a destination in ACM': [
    'fleet.yaml:40:7: spec.destinations[0].acm: not honoured by this version (use secretsManager, and import from there)',
  ],
  'endpoints that are none': [
    'fleet.yaml:41:15: spec.endpoints[0]: "api.example.com" is no <host>:<port> (shop.example.com:443, [2001:db8::1]:443)',
    'fleet.yaml:41:34: spec.endpoints[1]: "*.example.com" is a wildcard: nobody can connect to it',
    'fleet.yaml:41:55: spec.endpoints[2]: "10.0.0.1" in brackets is no IPv6 address',
    'fleet.yaml:41:73: spec.endpoints[3]: "api.example.com:0" has the port 0, which is not between 1 and 65535',
  ],
  'an endpoint of another name': [
    'fleet.yaml:41:38: spec.endpoints[1]: the certificate is not for www.example.com; it is for: api.example.com (add the name to the certificate, or name another endpoint)',
    'fleet.yaml:41:61: spec.endpoints[2]: the certificate is not for 10.0.0.1; it is for: api.example.com (add the name to the certificate, or name another endpoint)',
  ],
  'an endpoint twice': ['fleet.yaml:41:38: spec.endpoints[1]: api.example.com:443 is there already'],
  'an annotation with endpoints that are none': [
    'fleet.yaml:25:80: nolapse.dev/endpoints: "shop.example.com" is no <host>:<port> (shop.example.com:443, [2001:db8::1]:443)',
    'fleet.yaml:25:80: nolapse.dev/endpoints: the certificate is not for x.example.com; it is for: shop.example.com (add the name to the certificate, or name another endpoint)',
  ],
  'an endpoint of two certificates': [
    'fleet.yaml:52:15: the endpoint api.example.com:443 is named by fleet/api already (an endpoint shows one certificate: name it where that one is asked for)',
  ],
  'a webhook for the place of one': [
    'fleet.yaml:9:46: spec.notifications.slack.webhookSecretId: what is there is no name and no ARN of a secret in Secrets Manager',
  ],
  'a webhook for a variable': [
    'fleet.yaml:9:44: spec.notifications.slack.webhookUrlEnv: what is there is no name of an environment variable',
  ],
  'a webhook for Slack': [
    'fleet.yaml:9:27: spec.notifications.slack: expected a map, found "https://hooks.slack.com/…"',
  ],
  'a webhook in the file': [
    'fleet.yaml:9:29: spec.notifications.slack: unknown key "webhookUrl"; allowed: webhookSecretId, webhookUrlEnv (did you mean webhookUrlEnv?)',
  ],
  'Slack in two places': [
    'fleet.yaml:9:27: spec.notifications.slack: must have exactly one of webhookSecretId, webhookUrlEnv',
  ],
  'Slack in no place': [
    'fleet.yaml:9:27: spec.notifications.slack: must have exactly one of webhookSecretId, webhookUrlEnv',
  ],
  'a digest at no time': [
    'fleet.yaml:9:34: spec.notifications.digest.at: "9:00" is no time of the day (HH:MM, 00:00 to 23:59)',
  ],
  'a digest without a time zone': ['fleet.yaml:9:20: spec.notifications.digest.timezone: is required'],
  'a misspelt time zone': [
    'fleet.yaml:9:53: spec.notifications.digest.timezone: "Europe/Berln" is no time zone of the IANA database (did you mean Europe/Berlin?)',
  ],
  'an offset for a time zone': [
    'fleet.yaml:9:53: spec.notifications.digest.timezone: "+01:00" is no time zone of the IANA database (write e.g. Europe/Berlin, America/New_York or UTC)',
  ],
  'a misspelt day': [
    'fleet.yaml:9:70: spec.notifications.digest.days[1]: "tues" is not allowed; allowed: mon, tue, wed, thu, fri, sat, sun (did you mean tue?)',
  ],
  'a digest on no day': ['fleet.yaml:9:64: spec.notifications.digest.days: is empty, at least 1 is needed'],
  'a reserved cluster name': [
    'fleet.yaml:6:13: spec.clusters[0].name: "fleet" is reserved (fleet, secretsmanager, endpoints, acm, notify)',
    'fleet.yaml:40:38: spec.destinations[0].kubernetesSecret.clusters[0]: there is no cluster "prod" in this fleet; it has: fleet',
  ],
  'a cluster name with a capital': [
    'fleet.yaml:6:13: spec.clusters[0].name: "Prod" is no DNS label: a-z, 0-9 and inner hyphens, at most 63',
  ],
  'two clusters of one name': [
    'fleet.yaml:9:15: spec.clusters[1].name: "prod" is there already, at fleet.yaml:6:13',
    'fleet.yaml:26:11: metadata: the fleet has 2 clusters, and nothing says which of them this belongs to (add the annotation nolapse.dev/clusters: prod,prod or "*")',
  ],
  'a cluster without kubeconfig': ['fleet.yaml:6:7: spec.clusters[0]: must have exactly one of eks, kubeconfig'],
  'two zones of one name': [
    'fleet.yaml:11:15: spec.zones[1].name: "example.com" is there already, at fleet.yaml:10:15',
  ],
  'a zone that is an IP address': [
    'fleet.yaml:10:15: spec.zones[0].name: "10.0.0.1" is an IP address, not a DNS name',
    'fleet.yaml:28:14: dnsNames: "shop.example.com" lies in no zone of the fleet, so its challenge is impossible; zones: 10.0.0.1 (add its zone to spec.zones of the Fleet)',
    'fleet.yaml:37:16: dnsNames: "api.example.com" lies in no zone of the fleet, so its challenge is impossible; zones: 10.0.0.1 (add its zone to spec.zones of the Fleet)',
  ],
  'a zone id with its path': [
    'fleet.yaml:10:42: spec.zones[0].hostedZoneId: "/hostedzone/Z1EXAMPLE" is no id of a hosted zone (Z…, without /hostedzone/)',
  ],
  'a policy with a star inside': [
    'fleet.yaml:8:47: spec.clusters[0].namePolicy[0].names[0]: "a.*.com" has a * that is not the whole first label (allowed are a name, *.example.com or **.example.com)',
  ],
  'a topic that is no ARN': [
    'fleet.yaml:9:37: spec.notifications.sns.topicArn: "my-topic" is no ARN of a standard SNS topic',
  ],
  'a wrong duration': [
    'fleet.yaml:29:13: spec.duration: "90d" is no duration: unknown unit "d" (h, m, s, ms; 90d is 2160h)',
  ],
  'a duration that is a number': [
    'fleet.yaml:29:13: spec.duration: expected a string, found the number 2160 (put it in quotes: "2160")',
  ],
  'renewBefore as long as the duration': ['fleet.yaml:30:16: spec.renewBefore: 24h is not less than the duration 24h'],
  'an unknown usage': [
    'fleet.yaml:29:12: spec.usages[0]: "server-auth" is no key usage of cert-manager (e.g. digital signature, key encipherment, server auth, client auth, cert sign)',
  ],
  'a field not honoured': [
    'fleet.yaml:29:14: spec.keystores: a keystore (JKS, PKCS#12) is not honoured by Nolapse (remove keystores and convert tls.crt and tls.key where they are read)',
  ],
  'a key that is too large': [
    'fleet.yaml:29:23: spec.privateKey.size: RSA 8192 is not honoured by Nolapse (use 2048, 3072 or 4096)',
  ],
  'a name that is no name': [
    'fleet.yaml:28:14: spec.dnsNames[0]: "https://shop.example.com" holds ":", which no DNS name may hold',
  ],
  'a wildcard of a public suffix': [
    'fleet.yaml:28:14: spec.dnsNames[0]: "*.co.uk" is a wildcard of the public suffix co.uk',
  ],
  'an issuer that does not exist': [
    'fleet.yaml:30:14: issuerRef: there is no ClusterIssuer "letsencript" in the fleet file; it has: ClusterIssuer letsencrypt (did you mean letsencrypt?)',
  ],
  'a ClusterIssuer referenced as Issuer': [
    'fleet.yaml:30:14: issuerRef: there is no Issuer "letsencrypt" in the namespace shop in the fleet file; it has: ClusterIssuer letsencrypt (letsencrypt is a ClusterIssuer: add kind: ClusterIssuer to issuerRef)',
  ],
  'a name outside the zones': [
    'fleet.yaml:28:32: dnsNames: "shop.example.org" lies in no zone of the fleet, so its challenge is impossible; zones: example.com (add its zone to spec.zones of the Fleet)',
  ],
  'an Ed25519 key from a public CA': [
    'fleet.yaml:27:3: spec.privateKey.algorithm: no public CA certifies an Ed25519 key, only ECDSA and RSA (the issuer letsencrypt is an ACME server; use a ca issuer for this)',
  ],
  'an IP address from an ACME server': [
    'fleet.yaml:27:3: spec.ipAddresses: an address cannot be validated by DNS-01 (RFC 8738 §4) (the issuer letsencrypt is an ACME server; use a ca issuer for this)',
  ],
  'a solver for another zone': [
    'fleet.yaml:21:36: spec.acme.solvers[0].dns01.route53.hostedZoneID: "Z9" is no zone of the fleet; it has: Z1EXAMPLE (example.com) (add the zone to spec.zones of the Fleet)',
    'fleet.yaml:28:14: dnsNames: "shop.example.com" lies in the zone Z1EXAMPLE (example.com), but its solver has hostedZoneID Z9 (remove hostedZoneID: the zone follows from the name)',
    'fleet.yaml:37:16: dnsNames: "api.example.com" lies in the zone Z1EXAMPLE (example.com), but its solver has hostedZoneID Z9 (remove hostedZoneID: the zone follows from the name)',
  ],
  'a solver with another role': [
    'fleet.yaml:21:28: spec.acme.solvers[0].dns01.route53.role: "arn:aws:iam::1:role/x" is not the roleArn of any zone of the fleet (make it the same as roleArn in spec.zones of the Fleet, or remove it)',
  ],
  'a solver for other names only': [
    'fleet.yaml:29:14: dnsNames: no solver of the issuer matches "shop.example.com" (add a solver, or widen a selector)',
    'fleet.yaml:38:16: dnsNames: no solver of the issuer matches "api.example.com" (add a solver, or widen a selector)',
  ],
  'static keys in a solver': [
    'fleet.yaml:21:35: spec.acme.solvers[0].dns01.route53.accessKeyID: credentials of a solver are not honoured by Nolapse (remove it: name the zone and its roleArn under spec.zones of the Fleet)',
  ],
  'another DNS provider': [
    'fleet.yaml:21:23: spec.acme.solvers[0].dns01.cloudflare: DNS-01 by cloudflare is not honoured by Nolapse (use route53)',
  ],
  'a directory without TLS': [
    'fleet.yaml:17:13: spec.acme.server: "http://acme.example/directory" is not an https URL',
  ],
  'a staging server without TLS': [
    'fleet.yaml:14:75: nolapse.dev/staging-server: "http://acme.example/staging" is not an https URL',
  ],
  'a staging server that is none': [
    'fleet.yaml:14:75: nolapse.dev/staging-server: "acme-staging" is no URL (e.g. https://acme-v02.api.letsencrypt.org/directory)',
  ],
  'a production for a staging server': [
    "fleet.yaml:14:75: nolapse.dev/staging-server: https://acme-v02.api.letsencrypt.org/directory is the production of Let's Encrypt (write https://acme-staging-v02.api.letsencrypt.org/directory)",
  ],
  'a misspelt annotation of ours': [
    'fleet.yaml:14:47: metadata.annotations: unknown "nolapse.dev/staging-sever"; allowed: nolapse.dev/clusters, nolapse.dev/staging-server (did you mean nolapse.dev/staging-server?)',
  ],
  'a staging server of a private CA': [
    'fleet.yaml:14:75: nolapse.dev/staging-server: only an acme issuer has a staging environment (remove it)',
  ],
  'a hidden mail address': [
    'fleet.yaml:18:12: spec.acme.email: the address became the list ["email protected"]: a web page hid it (write the address again, e.g. platform@example.com)',
  ],
  'an issuer of another kind': [
    'fleet.yaml:13:7: kind: "ClusterIsuer" is not read from a fleet file; allowed: Fleet, FleetCertificate, ClusterIssuer, Issuer, Certificate, Ingress, Gateway (did you mean ClusterIssuer?)',
  ],
  'an old API version': [
    'fleet.yaml:12:13: apiVersion: "cert-manager.io/v1alpha2" is not allowed; a ClusterIssuer has cert-manager.io/v1',
  ],
  'a document without kind': [
    'fleet.yaml:42:1: kind: is required; allowed: Fleet, FleetCertificate, ClusterIssuer, Issuer, Certificate, Ingress, Gateway',
  ],
  'a list for a document': ['fleet.yaml:42:1: a manifest is expected, found ["a"]'],
  'two clusters and no annotation': [
    'fleet.yaml:27:11: metadata: the fleet has 2 clusters, and nothing says which of them this belongs to (add the annotation nolapse.dev/clusters: prod,edge or "*")',
  ],
  'an annotation with an unknown cluster': [
    'fleet.yaml:25:79: nolapse.dev/clusters: there is no cluster "prd" in this fleet; it has: prod (did you mean prod?)',
  ],
  'an unknown cluster in a destination': [
    'fleet.yaml:40:38: spec.destinations[0].kubernetesSecret.clusters[0]: there is no cluster "prod-eu" in this fleet; it has: prod',
  ],
  'a destination of two kinds': [
    'fleet.yaml:40:7: spec.destinations[0]: must be exactly one of kubernetesSecret, secretsManager',
  ],
  'no destinations': ['fleet.yaml:40:5: spec.destinations: is empty, at least 1 is needed'],
  'one place wanted twice': [
    'fleet.yaml:40:38: the place prod/shop/shop-tls is wanted by prod/shop/shop already, at fleet.yaml:27:15 (a place holds one certificate: choose another name)',
  ],
  'one certificate twice': ['fleet.yaml:44:19: the certificate prod/shop/shop is there already, at fleet.yaml:25:19'],
  'one issuer twice': [
    'fleet.yaml:44:19: metadata.name: the ClusterIssuer fleet/letsencrypt is there already, at fleet.yaml:14:19',
  ],
  'a second Fleet': [
    'fleet.yaml:43:7: kind: a second Fleet; the first is at fleet.yaml:2:7 (one fleet file describes one fleet)',
  ],
  'no Fleet': [
    'fleet.yaml: there is no document of kind Fleet (add one: apiVersion: nolapse.dev/v1, kind: Fleet, metadata.name and spec.clusters)',
  ],
  'a duplicate key': ['fleet.yaml:29:3: this key is there already, further up'],
  'broken YAML': ['fleet.yaml:4:1: Flow map in block collection must be sufficiently indented and end with a }'],
  'an unknown tag': ['fleet.yaml:3:19: Unresolved tag: tag:yaml.org,2002:js/function'],
  'a number for a name': [
    'fleet.yaml:27:15: spec.secretName: expected a string, found the number 42 (put it in quotes: "42")',
  ],
  'a namespace missing': ['fleet.yaml:25:1: metadata.namespace: is required'],
  'a resolver without port': [
    'fleet.yaml:9:22: spec.dns.resolvers[0]: "10.0.0.2" is no address with a port (10.0.0.2:53, [fd00::2]:53)',
  ],
  'a port out of range': ['fleet.yaml:9:16: spec.dns.port: 70000 is more than 65535'],
  'a namespace that is no label': [
    'fleet.yaml:40:56: spec.destinations[0].kubernetesSecret.namespace: "api/x" is no DNS label: a-z, 0-9 and inner hyphens, at most 63',
  ],
};
