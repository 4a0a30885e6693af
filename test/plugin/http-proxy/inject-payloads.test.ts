import { compare } from './compare.js'
import { INJECT_PAYLOADS } from './inject-payloads.js'

compare(INJECT_PAYLOADS)
