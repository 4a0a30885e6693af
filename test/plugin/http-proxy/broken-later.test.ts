import { BROKEN_LATER } from './broken-later.js'
import { compare } from './compare.js'

compare(BROKEN_LATER)
