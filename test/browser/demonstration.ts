import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import proxyServices, { admin } from '../../plugins/index.js'
import { freePorts } from '../support/free-port.js'

/** A gateway over a project in Synapse's layout, with back-ends of which some are down. */
export interface Demonstration {
  readonly app: FastifyInstance
  readonly url: string
  /** The folder of the configuration, as the gateway names it. */
  readonly folder: string
  /** Sends requests to the proxies, some of them in sessions. */
  readonly traffic: (messages: number) => Promise<void>
  readonly close: () => Promise<void>
}

export const TOKEN = 'open-sesame'
const NS = 'http://ws.apache.org/ns/synapse'
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'

const suspension = `        <suspendOnFailure>
          <initialDuration>20000</initialDuration>
          <progressionFactor>2.0</progressionFactor>
          <maximumDuration>120000</maximumDuration>
        </suspendOnFailure>`

const WSDL = `<wsdl:definitions name="OrderService" targetNamespace="http://services.samples"
  xmlns:tns="http://services.samples" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <wsdl:types><xs:schema targetNamespace="http://services.samples" elementFormDefault="qualified">
    <xs:complexType name="order"><xs:sequence>
      <xs:element name="price" type="xs:decimal"/>
      <xs:element name="quantity" type="xs:int"/>
      <xs:element name="symbol" type="xs:string"/>
    </xs:sequence></xs:complexType>
    <xs:element name="placeOrder"><xs:complexType><xs:sequence>
      <xs:element name="order" type="tns:order"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="cancelOrder" type="xs:string"/>
  </xs:schema></wsdl:types>
  <wsdl:message name="place"><wsdl:part name="parameters" element="tns:placeOrder"/></wsdl:message>
  <wsdl:message name="cancel"><wsdl:part name="parameters" element="tns:cancelOrder"/></wsdl:message>
  <wsdl:portType name="Orders">
    <wsdl:operation name="placeOrder"><wsdl:input message="tns:place"/></wsdl:operation>
    <wsdl:operation name="cancelOrder"><wsdl:input message="tns:cancel"/></wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="OrdersSoap" type="tns:Orders"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="placeOrder"><soap:operation soapAction="urn:placeOrder"/></wsdl:operation>
    <wsdl:operation name="cancelOrder"><soap:operation soapAction="urn:cancelOrder"/></wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="OrderService"><wsdl:port name="Orders" binding="tns:OrdersSoap">
    <soap:address location="http://localhost:9000/services/OrderService"/></wsdl:port></wsdl:service>
</wsdl:definitions>
`

const member = (name: string, port: number): string => `    <endpoint name="${name}">
      <address uri="http://127.0.0.1:${port}/services/OrderService">
        <timeout>
          <duration>30000</duration>
          <responseAction>fault</responseAction>
        </timeout>
${suspension}
      </address>
    </endpoint>`

/** The files of the project. @param ports of back-ends: three that are up, two that are down */
const projectFiles = ([a, b, c, down, gone]: readonly number[]): Readonly<Record<string, string>> => ({
  'endpoints/OrdersLB.xml': `<?xml version="1.0" encoding="UTF-8"?>
<!-- Owner: team-orders. Ask in #orders before you change timeouts. -->
<endpoint name="OrdersLB" xmlns="${NS}">
  <session type="simpleClientSession">
    <sessionTimeout>600000</sessionTimeout>
  </session>
  <loadbalance algorithm="org.apache.synapse.endpoints.algorithms.RoundRobin">
${member('orders-1', a!)}
    <!-- orders-2 runs on the old hardware until March -->
${member('orders-2', down!)}
${member('orders-3', b!)}
  </loadbalance>
</endpoint>
`,
  'endpoints/CustomersFO.xml': `<endpoint name="CustomersFO" xmlns="${NS}">
  <failover>
    <endpoint name="crm-a"><address uri="http://127.0.0.1:${gone!}/crm"/></endpoint>
    <endpoint name="crm-b"><address uri="http://127.0.0.1:${down!}/crm"/></endpoint>
  </failover>
</endpoint>
`,
  'endpoints/Stock.xml': `<endpoint name="Stock" xmlns="${NS}">
  <address uri="http://127.0.0.1:${c!}/stock"/>
</endpoint>
`,
  'sequences/errorHandler.xml': `<sequence name="errorHandler" xmlns="${NS}">
  <makefault version="soap11">
    <code value="soap11Env:Server" xmlns:soap11Env="${SOAP}"/>
    <reason value="COULDN'T SEND THE MESSAGE TO THE SERVER."/>
  </makefault>
  <send/>
</sequence>
`,
  'proxy-services/OrdersProxy.xml': `<proxy name="OrdersProxy" transports="http https" xmlns="${NS}">
  <target faultSequence="errorHandler">
    <inSequence>
      <header name="Action" value="urn:placeOrder"/>
      <log level="custom" category="DEBUG"><property name="order" expression="//m:symbol" xmlns:m="http://services.samples"/></log>
      <send>
        <endpoint key="OrdersLB"/>
      </send>
    </inSequence>
    <outSequence>
      <send/>
    </outSequence>
  </target>
  <publishWSDL uri="file:wsdl/orders.wsdl"/>
</proxy>
`,
  'wsdl/orders.wsdl': WSDL,
  'proxy-services/CustomerProxy.xml': `<proxy name="CustomerProxy" transports="http https" xmlns="${NS}">
  <target endpoint="CustomersFO"><outSequence><send/></outSequence></target>
</proxy>
`,
  'proxy-services/StockProxy.xml': `<proxy name="StockProxy" transports="http https" xmlns="${NS}">
  <target endpoint="Stock"><outSequence><send/></outSequence></target>
</proxy>
`
})

const order = (session: string): string => `<soapenv:Envelope xmlns:soapenv="${SOAP}">
  <soapenv:Header>
    <syn:ClientID xmlns:syn="${NS}">${session}</syn:ClientID>
  </soapenv:Header>
  <soapenv:Body>
    <m0:placeOrder xmlns:m0="http://services.samples">
      <m0:order><m0:price>172.23</m0:price><m0:quantity>12</m0:quantity><m0:symbol>IBM</m0:symbol></m0:order>
    </m0:placeOrder>
  </soapenv:Body>
</soapenv:Envelope>`

export interface DemonstrationOptions {
  /** Whether the gateway names its folder by a relative path; changes the working directory. */
  readonly isRelative?: boolean
  /** Further files of the project. */
  readonly files?: Readonly<Record<string, string>>
}

/** @param more options of the admin plugin */
export async function demonstrate (
  more: object = { token: TOKEN },
  { isRelative = false, files = {} }: DemonstrationOptions = {}
): Promise<Demonstration> {
  const root = await mkdtemp(join(tmpdir(), 'console-'))
  const servers = await Promise.all(['orders-1', 'orders-3', 'stock'].map(respond))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  const [down, gone] = await freePorts(2)
  if (isRelative) process.chdir(root)
  const folder = isRelative ? 'synapse-config' : join(root, 'synapse-config')
  for (const [name, text] of Object.entries({ ...projectFiles([...ports, down!, gone!]), ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const app = Fastify({ forceCloseConnections: true })
  await app.register(proxyServices, { config: folder })
  await app.register(admin, { prefix: '/admin', console: true, ...more })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const send = async (proxy: string, session: string): Promise<void> => {
    const headers = {
      'content-type': 'text/xml; charset=utf-8',
      soapaction: '"urn:placeOrder"',
      authorization: 'Basic b3BlcmF0b3I6aHVudGVyMg=='
    }
    const response = await fetch(`${url}/services/${proxy}`, { method: 'POST', headers, body: order(session) })
    await response.arrayBuffer()
  }
  return {
    app,
    url,
    folder,
    async traffic (messages) {
      for (let n = 0; n < messages; n++) {
        await send(n % 5 === 4 ? 'StockProxy' : 'OrdersProxy', `client-${n % 40}`)
        if (n % 20 === 0) await send('CustomerProxy', 'x')
      }
    },
    async close () {
      await app.close()
      for (const server of servers) server.close()
      await rm(root, { recursive: true, force: true })
    }
  }
}

async function respond (name: string): Promise<Server> {
  const body =
    `<soapenv:Envelope xmlns:soapenv="${SOAP}"><soapenv:Body><ns:placeOrderResponse xmlns:ns="http://services.samples">` +
    `<ns:status>created by ${name}</ns:status></ns:placeOrderResponse></soapenv:Body></soapenv:Envelope>`
  const server = createServer((request, response) => {
    request.resume().on('end', () =>
      setTimeout(
        () => {
          response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' }).end(body)
        },
        2 + Math.random() * 8
      )
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}
