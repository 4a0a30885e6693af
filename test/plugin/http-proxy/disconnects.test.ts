import { compare } from './compare.js'
import { DISCONNECTS } from './disconnects.js'

compare(DISCONNECTS)
