import type { Target } from '../target.js'
import { API, URI_TEMPLATE } from './apis.js'
import { CONFIGURATION_JSON, CONFIGURATION_XML } from './configurations.js'
import { ENVELOPE_ORACLE } from './envelope-oracle.js'
import { EXPRESSION } from './expressions.js'
import { ENRICH, FLOW } from './flows.js'
import { GROUP_FORM_JSON, GROUP_FORM_XML } from './group-form.js'
import { CHUNKS, HEADERS, RESPONSE, WEB_SOCKET } from './http.js'
import { JSON_PATH, JSON_TEXT, JSON_TO_XML, XML_TO_JSON } from './json.js'
import { PAYLOAD_FORMAT } from './payload-format.js'
import { DOCUMENT_TEXT, ENVELOPE, ROOT_PART, XML_ORACLE, XML_READER, XML_TREE } from './readers.js'

/** All targets of the fuzzer. */
export const TARGETS: readonly Target[] = [
  CHUNKS,
  RESPONSE,
  HEADERS,
  WEB_SOCKET,
  ENVELOPE,
  ENVELOPE_ORACLE,
  ROOT_PART,
  XML_READER,
  XML_TREE,
  XML_ORACLE,
  DOCUMENT_TEXT,
  JSON_TEXT,
  JSON_TO_XML,
  XML_TO_JSON,
  JSON_PATH,
  EXPRESSION,
  PAYLOAD_FORMAT,
  ENRICH,
  FLOW,
  URI_TEMPLATE,
  API,
  CONFIGURATION_XML,
  CONFIGURATION_JSON,
  GROUP_FORM_XML,
  GROUP_FORM_JSON
]
