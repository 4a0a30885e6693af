import { compare } from './compare.js'
import { UPSTREAMS } from './upstreams.js'

compare(UPSTREAMS)
