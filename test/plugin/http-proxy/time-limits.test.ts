import { compare } from './compare.js'
import { TIME_LIMITS } from './time-limits.js'

compare(TIME_LIMITS)
