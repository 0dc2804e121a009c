import { parameters } from './address.ts';

/** The parts of a connection that may stand one by one, by their names in a mapping of the configuration file. */
export type ConnectionParts = Readonly<Partial<Record<ConnectionPart, string>>>;
export const connectionParts = ['host', 'port', 'user', 'database', ...parameters] as const;
export type ConnectionPart = (typeof connectionParts)[number];

/**
 * Writes the URI of a connection out of its parts, or adds parameters to one that there is.
 *
 * @returns the URI, or what is wrong with the parts, and whether that is no more than that some are missing
 */
export function connectionUri(
  uri: string | undefined,
  parts: ConnectionParts,
): { readonly uri: string } | { readonly wrong: string; readonly missing: boolean } {
  const { host, port, user, database } = parts;
  const place = Object.entries({ host, port, user, database }).find(([, value]) => value !== undefined);
  if (uri !== undefined && place !== undefined) {
    return { wrong: `${place[0]} stands beside a uri, which names it`, missing: false };
  }
  if (uri !== undefined && !/^mysql:/i.test(uri)) {
    return { wrong: `${Object.keys(parts).join(', ')} can only stand beside a mysql:// uri`, missing: false };
  }
  if (uri === undefined && (database === undefined || (host === undefined && parts.socket === undefined))) {
    return { wrong: `${database === undefined ? 'database' : 'host'} is missing`, missing: true };
  }
  if (host !== undefined && !/^([\w.-]+|[\da-f:]+)$/i.test(host)) {
    // Before the @ there may be a password.
    return { wrong: `host ${host.replace(/^.*@/s, '***@')} is neither a name nor an address`, missing: false };
  }
  const login = user === undefined ? '' : `${encodeURIComponent(user)}@`;
  const server = `${host?.includes(':') ? `[${host}]` : (host ?? 'localhost')}${port === undefined ? '' : `:${port}`}`;
  const base = uri ?? `mysql://${login}${server}/${encodeURIComponent(database ?? '')}`;
  const given = parameters.flatMap((name) => {
    const value = parts[name];
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  return { uri: [base, given.join('&')].filter(Boolean).join(base.includes('?') ? '&' : '?') };
}
