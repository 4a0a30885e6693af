/** The address of a member of a group, with at least one port. */
export interface Member {
  readonly hostName: string
  readonly httpPort?: number | undefined
  readonly httpsPort?: number | undefined
  /** The member receives messages only while no member with a lower number is ready. Default: 0. */
  readonly priority?: number | undefined
  /** The property `loadbalance.weight` of the member. Default: 1. */
  readonly weight?: number | undefined
}

/** A host as written in a URL: IPv6 in brackets. */
export const urlHost = (hostName: string): string =>
  hostName.includes(':') && !hostName.startsWith('[') ? `[${hostName}]` : hostName

/** Host and ports as in names of endpoints: `host:80,443`. */
export const hostPort = ({ hostName, httpPort, httpsPort }: Member): string =>
  `${urlHost(hostName)}:${[httpPort, httpsPort].filter(Boolean).join(',')}`

/** Where the members of a group are found. */
export type MemberSource =
  /** All addresses (A, AAAA) of a name, such as a headless Kubernetes service. */
  | { readonly dns: string; readonly httpPort?: number | undefined; readonly httpsPort?: number | undefined }
  /**
   * The hosts and ports of a service, with priorities and weights. `scheme`: default http.
   * @see RFC 2782
   */
  | { readonly srv: string; readonly scheme?: 'http' | 'https' | undefined }
  /** A JSON file with a list of members. A relative path starts at the folder of the configuration. */
  | { readonly file: string }

/** The source in log lines: the name, the service or the file. */
export const sourceName = (source: MemberSource): string =>
  'dns' in source ? source.dns : 'srv' in source ? source.srv : source.file

/**
 * Reports the members, each at most once: at once if they are known, and whenever they change. Members that `changed`
 * throws for are not used. Returns a function that ends it.
 */
export type WatchMembers = (source: MemberSource, changed: (members: readonly Member[]) => void) => () => void
