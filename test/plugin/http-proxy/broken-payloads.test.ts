import { compare } from './compare.js'
import { BROKEN_PAYLOADS } from './broken-payloads.js'

compare(BROKEN_PAYLOADS)
