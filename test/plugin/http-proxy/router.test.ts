import { compare } from './compare.js'
import { ROUTER } from './router.js'

compare(ROUTER)
