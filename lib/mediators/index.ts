import { call } from './call.js'
import { drop } from './drop.js'
import { header } from './header.js'
import { log } from './log.js'
import { makefault } from './makefault.js'
import { property } from './property.js'
import { respond } from './respond.js'
import { send } from './send.js'
import { sequence } from './sequence.js'

/** Every mediator there is. A new one: one file, one line here. */
export const mediators = [header, property, makefault, call, send, respond, sequence, log, drop] as const
