import { compare } from './compare.js'
import { WHOLE_APP } from './whole-app.js'

compare(WHOLE_APP)
