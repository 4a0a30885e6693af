import { compare } from './compare.js'
import { APP } from './app.js'

compare(APP)
