#!/usr/bin/env node
/** The binary: `proxy-services COMMAND …`. */
import { main } from './cli/main.js'

process.exitCode = await main(process.argv.slice(2))
