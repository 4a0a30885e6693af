import { compare } from './compare.js'
import { BODY_LIMITS } from './body-limits.js'

compare(BODY_LIMITS)
