import { compare } from './compare.js'
import { HEADERS } from './headers.js'

compare(HEADERS)
