const NAMESPACE = 'http://ws.apache.org/ns/synapse'

/** A new artefact: where it belongs, and a text that passes the check. */
export interface ArtefactSample {
  readonly label: string
  /** Folder of Synapse's layout. */
  readonly folder: string
  /** @param name letters, digits, `_`, `.` and `-` */
  readonly text: (name: string) => string
}

/** One sample for each kind of artefact. */
export const SAMPLES = {
  proxy: {
    label: 'Proxy',
    folder: 'proxy-services',
    text: name => `<proxy xmlns="${NAMESPACE}" name="${name}" transports="http https">
  <target>
    <endpoint>
      <address uri="http://localhost:9000/services/${name}"/>
    </endpoint>
    <outSequence>
      <send/>
    </outSequence>
  </target>
</proxy>
`
  },
  group: {
    label: 'Load balance group',
    folder: 'endpoints',
    text: name => `<endpoint xmlns="${NAMESPACE}" name="${name}">
  <loadbalance algorithm="org.apache.synapse.endpoints.algorithms.RoundRobin">
    <endpoint name="${name}-1">
      <address uri="http://localhost:9001/"/>
    </endpoint>
    <endpoint name="${name}-2">
      <address uri="http://localhost:9002/"/>
    </endpoint>
  </loadbalance>
</endpoint>
`
  },
  endpoint: {
    label: 'Endpoint',
    folder: 'endpoints',
    text: name => `<endpoint xmlns="${NAMESPACE}" name="${name}">
  <address uri="http://localhost:9000/"/>
</endpoint>
`
  },
  sequence: {
    label: 'Sequence',
    folder: 'sequences',
    text: name => `<sequence xmlns="${NAMESPACE}" name="${name}">
  <log level="simple"/>
</sequence>
`
  },
  localEntry: {
    label: 'Local entry',
    folder: 'local-entries',
    text: name => `<localEntry xmlns="${NAMESPACE}" key="${name}">text</localEntry>
`
  },
  template: {
    label: 'Sequence template',
    folder: 'templates',
    text: name => `<template xmlns="${NAMESPACE}" name="${name}">
  <parameter name="message"/>
  <sequence>
    <log level="custom">
      <property name="message" expression="$func:message"/>
    </log>
  </sequence>
</template>
`
  }
} as const satisfies Readonly<Record<string, ArtefactSample>>
