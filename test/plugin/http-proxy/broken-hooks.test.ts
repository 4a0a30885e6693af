import { compare } from './compare.js'
import { BROKEN_HOOKS } from './broken-hooks.js'

compare(BROKEN_HOOKS)
