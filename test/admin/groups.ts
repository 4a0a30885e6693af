/** A back-end: its name as a member, and its address. */
interface Server {
  readonly name: string
  readonly uri: string
}

/**
 * Definitions of a proxy `P` over a group `servers` with sessions, and of a proxy `Q` over a group `plain` without.
 * @param session how `servers` finds sessions
 * @param more further settings of `servers`
 */
export const groupsOf = (servers: readonly Server[], session: object, more: object = {}): object => ({
  proxies: {
    P: { endpoint: { kind: 'loadbalance', name: 'servers', session, ...more, members: servers.map(addressOf) } },
    Q: { endpoint: { kind: 'failover', name: 'plain', members: [{ kind: 'address', uri: servers[0]!.uri }] } }
  }
})

const addressOf = ({ name, uri }: Server): object => ({ kind: 'address', name, uri })
