import { compare } from './compare.js'
import { HTTP2 } from './http2.js'

compare(HTTP2)
