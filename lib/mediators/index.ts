import { aggregate } from './aggregate.js'
import { callTemplate } from './call-template.js'
import { call } from './call.js'
import { callout } from './callout.js'
import { clone } from './clone.js'
import { conditionalRouter } from './conditional-router.js'
import { drop } from './drop.js'
import { enrich } from './enrich.js'
import { filter } from './filter.js'
import { foreach } from './foreach.js'
import { header } from './header.js'
import { httpRequest } from './http-request.js'
import { inMediator, outMediator } from './in-out.js'
import { iterate } from './iterate.js'
import { log } from './log.js'
import { loopback } from './loopback.js'
import { makefault } from './makefault.js'
import { payloadFactory } from './payload-factory.js'
import { propertyGroup } from './property-group.js'
import { property } from './property.js'
import { respond } from './respond.js'
import { rewrite } from './rewrite.js'
import { router } from './router.js'
import { send } from './send.js'
import { sequence } from './sequence.js'
import { switchMediator } from './switch.js'
import { throwError } from './throw-error.js'
import { variable } from './variable.js'

/** The built-in mediators. To add one: write a file and a line here. */
export const mediators = [
  header,
  property,
  makefault,
  call,
  callout,
  httpRequest,
  send,
  respond,
  loopback,
  sequence,
  filter,
  switchMediator,
  conditionalRouter,
  router,
  inMediator,
  outMediator,
  clone,
  iterate,
  foreach,
  aggregate,
  log,
  drop,
  payloadFactory,
  propertyGroup,
  callTemplate,
  enrich,
  rewrite,
  variable,
  throwError
] as const
