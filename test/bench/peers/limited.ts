import { startGateway } from '../../../lib/cli/serve/gateway.js'

/**
 * Ours with another `replayLimit`, which the command line has no option for. `node limited.js CONFIGURATION PORT
 * BYTES`
 */
const [config = '', port, replayLimit] = process.argv.slice(2)
await startGateway({
  config,
  port: Number(port),
  host: '127.0.0.1',
  logLevel: 'warn',
  limits: { replayBufferLimit: Number(replayLimit) }
})
