// Traces a gateway with OpenTelemetry. The SDK reads its settings from the environment: OTEL_SERVICE_NAME,
// OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER and further ones.
//
//   npm install @opentelemetry/api @opentelemetry/sdk-node
//   node --import ./sdk.js node_modules/.bin/proxy-services serve config/lb-proxy.xml
import { NodeSDK } from '@opentelemetry/sdk-node'

const sdk = new NodeSDK()
sdk.start()
// Exports what is left, once the gateway has ended.
process.once('beforeExit', () => {
  sdk.shutdown().catch(error => {
    console.error(`the last spans were not exported: ${error.message}`)
  })
})
