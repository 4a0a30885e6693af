import { compare } from './compare.js'
import { POLICIES } from './policies.js'

compare(POLICIES)
