import { compare } from './compare.js'
import { BODIES } from './bodies.js'

compare(BODIES)
