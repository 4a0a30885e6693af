import { escapeAttribute } from '../../xml/escape.js'
import type { MemberKind } from './group-form.js'

const NESTED_MEMBER = (kind: string): string => `<P:endpoint name="NAME">
  <P:${kind}>
    <P:endpoint name="NAME-1">
      <P:address uri="http://localhost:9001/"/>
    </P:endpoint>
  </P:${kind}>
</P:endpoint>`

const PLAIN_MEMBER = (place: string): string => `<P:endpoint name="NAME">\n  <P:${place}/>\n</P:endpoint>`

/** New members by kind. `P:` stands for the prefix of the namespace. */
const NEW_MEMBERS = {
  address: PLAIN_MEMBER('address uri="http://localhost:9000/"'),
  http: PLAIN_MEMBER('http method="post" uri-template="http://localhost:9000/"'),
  wsdl: PLAIN_MEMBER('wsdl uri="http://localhost:9000/service?wsdl" service="Service" port="Port"'),
  default: PLAIN_MEMBER('default'),
  failover: NESTED_MEMBER('failover'),
  loadbalance: NESTED_MEMBER('loadbalance'),
  recipientlist: NESTED_MEMBER('recipientlist'),
  dynamicLoadbalance: `<P:endpoint name="NAME">
  <P:dynamicLoadbalance>
    <P:membership dns="localhost" httpPort="9000"/>
  </P:dynamicLoadbalance>
</P:endpoint>`,
  member: '<P:member hostName="localhost" httpPort="9000"/>',
  reference: '<P:endpoint key="NAME"/>',
  dynamicReference: '<P:endpoint key-expression="get-property(\'endpoint\')"/>',
  template: '<P:endpoint name="NAME" template="template"/>'
} as const satisfies Readonly<Record<MemberKind, string>>

/** The markup of a new member. @param prefix of the namespace, with its colon; empty: none */
export const newMemberMarkup = (kind: MemberKind, name: string, prefix: string): string =>
  NEW_MEMBERS[kind].replaceAll('P:', prefix).replaceAll('NAME', escapeAttribute(name))
