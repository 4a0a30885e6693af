import type { MemberKind } from './group-form.js'

const FIRST_MEMBER = (name: string) => [{ kind: 'address', name: `${name}-1`, uri: 'http://localhost:9001/' }]

/** New members by kind, without it. */
const NEW_MEMBERS: Readonly<Record<MemberKind, (name: string) => object>> = {
  address: name => ({ name, uri: 'http://localhost:9000/' }),
  http: name => ({ name, uriTemplate: 'http://localhost:9000/', method: 'POST' }),
  wsdl: name => ({ name, uri: 'http://localhost:9000/service?wsdl', service: 'Service', port: 'Port' }),
  default: name => ({ name }),
  failover: name => ({ name, members: FIRST_MEMBER(name) }),
  loadbalance: name => ({ name, members: FIRST_MEMBER(name) }),
  recipientlist: name => ({ name, members: FIRST_MEMBER(name) }),
  dynamicLoadbalance: name => ({ name, membership: { dns: 'localhost', httpPort: 9000 } }),
  member: () => ({ hostName: 'localhost', httpPort: 9000 }),
  reference: name => ({ key: name }),
  dynamicReference: () => ({ key: { xpath: "get-property('endpoint')" } }),
  template: name => ({ name, template: 'template' })
}

/** A new member of a kind. */
export const newJsonMember = (kind: MemberKind, name: string): object => ({ kind, ...NEW_MEMBERS[kind](name) })
