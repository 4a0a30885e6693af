/** How an endpoint is authenticated over TLS, besides `verify`. Holds a private key: never part of a log or a view. */
export interface TlsMaterial {
  /** Differs where anything else differs; reveals nothing of it. */
  readonly id: string
  /** Certificates of authorities as PEM, in place of those of Node.js. */
  readonly ca?: string
  /** The certificate of the gateway and its key, as PEM. */
  readonly cert?: string
  readonly key?: string
  /** The name to send (SNI) and to verify. Default: the host of the address */
  readonly servername?: string
}

/** Whether the certificate of an endpoint is verified, and by which certificates both sides are authenticated. */
export interface EndpointSecurity {
  readonly verify: boolean
  readonly tls?: TlsMaterial | undefined
}

/** The options of TLS, with the names of Node.js besides `verify`. */
export type EndpointTlsOptions = Omit<TlsMaterial, 'id'> & { readonly verify: boolean }

export function tlsOptionsOf ({ verify, tls }: EndpointSecurity): EndpointTlsOptions {
  if (tls === undefined) return { verify }
  const { id: _id, ...certificates } = tls
  return { verify, ...certificates }
}
