import { compare } from './compare.js'
import { NOT_FOUND } from './not-found.js'

compare(NOT_FOUND)
