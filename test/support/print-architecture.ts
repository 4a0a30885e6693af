/** Prints docs/architecture.md: `node dist/test/support/print-architecture.js > docs/architecture.md` */
import { architecturePage } from './architecture-page.js'

process.stdout.write(architecturePage())
