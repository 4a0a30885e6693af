import { compare } from './compare.js'
import { CONSTRAINTS } from './constraints.js'

compare(CONSTRAINTS)
