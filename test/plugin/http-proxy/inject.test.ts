import { compare } from './compare.js'
import { INJECT } from './inject.js'

compare(INJECT)
