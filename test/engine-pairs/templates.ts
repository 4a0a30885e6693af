import { payloadFactory } from '../support/flows/mediator-xml.js'
import { pairsOf, type Row } from './pair.js'

const put = (expression: string): string =>
  payloadFactory('<r xmlns="">$1</r>', `<arg expression="${expression}"/>`)
const template = (inside: string, parameters = '<parameter name="a"/>'): { beside: string } => ({
  beside: `<template name="T">${parameters}<sequence>${inside}</sequence></template>`
})
const call = (parameters: string): string => `<call-template target="T">${parameters}</call-template>`
const param = (value: string, name = 'a'): string => `<with-param name="${name}" value="${value}"/>`
const X = '<x><y>7</y></x>'
const J = '{"y":{"z":[1,2]},"n":1.50}'
const TEMPLATE = 'TemplateMediator.mediate'
const INVOKE = 'InvokeMediator.mediate'
const VARIABLE = 'VariableMediator.mediate'

const ROWS: readonly Row[] = [
  ['call-template: a value is a parameter', call(param('v')), X, '<r>v</r>', INVOKE, template(put('$func:a'))],
  [
    'call-template: an XPath in braces is computed',
    call(param('{//y}')),
    X,
    '<r>7</r>',
    INVOKE,
    template(put('$func:a'))
  ],
  [
    'call-template: braces in braces are text',
    call(param('{{y}}')),
    X,
    '<r>{y}</r>',
    'ValueFactory.createValue',
    template(put('$func:a'))
  ],
  [
    'call-template: get-property reads a parameter, too',
    call(param('v')),
    X,
    '<r>v</r>',
    'GetPropertyFunction.evaluate',
    template(put("get-property('func', 'a')"))
  ],
  [
    'call-template: a default value',
    call(''),
    X,
    '<r>d</r>',
    TEMPLATE,
    template(put('$func:a'), '<parameter name="a" defaultValue="d"/>')
  ],
  [
    'call-template: without value and default it is empty',
    call(''),
    X,
    '<r></r>',
    TEMPLATE,
    template(put('$func:a'))
  ],
  [
    'call-template: a mandatory parameter that is missing is a fault',
    call(''),
    X,
    'needs a value',
    TEMPLATE,
    { ...template(put('$func:a'), '<parameter name="a" isMandatory="true"/>'), status: 500 }
  ],
  [
    'call-template: properties continue after it',
    call('') + put('$ctx:p'),
    X,
    '<r>set</r>',
    TEMPLATE,
    template('<property name="p" value="set"/>')
  ],
  ['call-template: parameters end with it', call(param('v')) + put('$func:a'), X, '<r></r>', TEMPLATE, template('')],
  [
    'call-template: an expression in braces',
    call(param('{${payload.n}}')),
    J,
    '<r>1.50</r>',
    INVOKE,
    template(put('$func:a'))
  ],
  ['variable: a text', `<variable name="v" value="t"/>${put('$var:v')}`, X, '<r>t</r>', VARIABLE],
  ['variable: an expression', `<variable name="v" expression="//y"/>${put('$var:v')}`, X, '<r>7</r>', VARIABLE],
  [
    'variable: JSON stays JSON',
    `<variable name="v" type="JSON" expression="\${payload.y}"/>${put('${vars.v.z[1]}')}`,
    J,
    '<r>2</r>',
    VARIABLE
  ],
  [
    'variable: removed',
    `<variable name="v" value="t"/><variable name="v" action="remove"/>${put('$var:v')}`,
    X,
    '<r></r>',
    VARIABLE
  ],
  [
    'property: an integer is not a number of XPath',
    `<property name="p" type="INTEGER" value="5"/>${put('$ctx:p + 1')}`,
    X,
    '<r>NaN</r>',
    'Jaxen, NumberFunction.evaluate'
  ],
  [
    'propertyGroup: each of its properties',
    `<propertyGroup><property name="p" value="1"/><property name="q" value="2"/></propertyGroup>${put('concat($ctx:p, $ctx:q)')}`,
    X,
    '<r>12</r>',
    'PropertyGroupMediator.mediate'
  ]
]

export const TEMPLATES = pairsOf('templates', ROWS)
