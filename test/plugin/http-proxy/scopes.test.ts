import { compare } from './compare.js'
import { SCOPES } from './scopes.js'

compare(SCOPES)
