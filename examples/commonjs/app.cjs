'use strict'
const Fastify = require('fastify')
const proxyServices = require('fastify-proxy-services')

/** One back-end behind /gateway/services/Quotes. */
const xml = uri => `
<proxy name="Quotes" xmlns="http://ws.apache.org/ns/synapse">
  <target>
    <inSequence>
      <header name="Action" value="urn:getQuote"/>
      <send><endpoint><address uri="${uri}"/></endpoint></send>
    </inSequence>
    <outSequence><send/></outSequence>
  </target>
</proxy>`

function build (backend = 'http://localhost:9001/services/SimpleStockQuoteService', options = {}) {
  const app = Fastify(options)
  app.register(proxyServices, { prefix: '/gateway', definitions: xml(backend) })
  return app
}

module.exports = { build }

if (require.main === module) build(undefined, { logger: true }).listen({ port: 8290 })
