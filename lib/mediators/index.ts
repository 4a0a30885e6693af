import { aggregate } from './splitting/aggregate.js'
import { callTemplate } from './core/call-template.js'
import { call } from './sending/call.js'
import { callout } from './sending/callout.js'
import { clone } from './splitting/clone.js'
import { conditionalRouter } from './routing/conditional-router.js'
import { drop } from './core/drop.js'
import { enrich } from './transformation/enrich.js'
import { filter } from './routing/filter.js'
import { foreach } from './splitting/foreach.js'
import { header } from './transformation/header.js'
import { httpRequest } from './sending/http-request.js'
import { inMediator, outMediator } from './routing/in-out.js'
import { iterate } from './splitting/iterate.js'
import { log } from './core/log.js'
import { loopback } from './core/loopback.js'
import { makefault } from './transformation/makefault.js'
import { payloadFactory } from './transformation/payload-factory.js'
import { propertyGroup } from './core/property-group.js'
import { property } from './core/property.js'
import { respond } from './core/respond.js'
import { rewrite } from './transformation/rewrite.js'
import { router } from './routing/router.js'
import { send } from './sending/send.js'
import { sequence } from './core/sequence.js'
import { switchMediator } from './routing/switch.js'
import { throwError } from './core/throw-error.js'
import { variable } from './core/variable.js'

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
