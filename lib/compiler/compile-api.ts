import type { Api, ApiResource } from '../definitions/model/model.js'
import type { Message, Properties } from '../message/message.js'
import {
  apiNameOf, restProperties, type CompiledApi, type ApiName, type CompiledResource
} from '../rest/api.js'
import type { PartBuilder } from './part-builder.js'

/** What resources are made of. */
type ResourceBuilder = Pick<PartBuilder, 'service' | 'matchers'>

/** Compiles an API: each of its resources becomes a service. */
export function compileApi (
  parts: ResourceBuilder, name: string, { hostname, port, resources, ...api }: Api
): CompiledApi {
  const names = apiNameOf(name, api)
  return { ...names, hostname, port, resources: resources.map(each => compileResource(parts, names, each)) }
}

/** The unnamed parts of a resource are named after its API, methods and pattern. */
function compileResource (parts: ResourceBuilder, api: ApiName, resource: ApiResource): CompiledResource {
  const { methods, uriTemplate, urlMapping, transports = ['http', 'https'], ...sequences } = resource
  const owner = [api.name, ...methods ?? [], uriTemplate ?? urlMapping ?? []].flat().join(' ')
  const matchers = parts.matchers(resource)
  const propertiesOf = (request: Message): Properties => restProperties(api, matchers, request)
  return {
    service: { ...parts.service(owner, sequences), name: api.name, isResource: true, propertiesOf },
    methods,
    transports,
    ...matchers
  }
}
