import { compare } from './compare.js'
import { TARGETS } from './targets.js'

compare(TARGETS)
