import { compare } from './compare.js'
import { CLIENTS } from './clients.js'

compare(CLIENTS)
