import { compare } from './compare.js'
import { ON_SEND } from './on-send.js'

compare(ON_SEND)
