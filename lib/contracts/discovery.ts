/** A place where a member of a group listens; at least one port. */
export interface Member {
  readonly hostName: string
  readonly httpPort?: number | undefined
  readonly httpsPort?: number | undefined
  /** It gets messages only while nobody of a lower number is ready; 0 unless told. */
  readonly priority?: number | undefined
  /** Its `loadbalance.weight`, for the algorithms that look at that; 1 unless told. */
  readonly weight?: number | undefined
}

/** A host as it stands in an address: IPv6 in brackets. */
export const urlHost = (hostName: string): string =>
  hostName.includes(':') && !hostName.startsWith('[') ? `[${hostName}]` : hostName

/** Where it listens, as names of endpoints and people say it: `host:80,443`. */
export const hostPort = ({ hostName, httpPort, httpsPort }: Member): string =>
  `${urlHost(hostName)}:${[httpPort, httpsPort].filter(Boolean).join(',')}`

/** Where the members of a group are found out. */
export type MemberSource =
  /** All addresses (A, AAAA) of a name, as a headless Kubernetes service has them. */
  | { readonly dns: string; readonly httpPort?: number | undefined; readonly httpsPort?: number | undefined }
  /**
   * The hosts and ports of a service, with their priorities and weights (SRV, RFC 2782), spoken to by `scheme`; http
   * unless told.
   */
  | { readonly srv: string; readonly scheme?: 'http' | 'https' | undefined }
  /** A JSON file with a list of members; a relative path begins at the folder of the configuration. */
  | { readonly file: string }

/** What it is called in a log: the name, the service or the file. */
export const sourceName = (source: MemberSource): string =>
  'dns' in source ? source.dns : 'srv' in source ? source.srv : source.file

/** Tells the members, each at most once, now if they are known and whenever they change. Returns how to end it. */
export type WatchMembers = (source: MemberSource, changed: (members: readonly Member[]) => void) => () => void
