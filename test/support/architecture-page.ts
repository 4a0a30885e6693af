import { FLOORS, roomOf, sourceFiles, type Room } from './rooms.js'

type Imports = ReadonlyMap<string, ReadonlySet<string>>

/** The page docs/architecture.md: rooms, floors and imports, as the sources are. */
export function architecturePage (): string {
  const rooms = FLOORS.flat()
  const folders = [...new Set(rooms.map(({ name }) => folderOf(name)))]
  const [library, plugins] = ['lib/', 'plugins/'].map(top => folders.filter(name => name.startsWith(top)))
  const importsOfFolders = importsBetween(folders, name => folderOf(name))
  return [
    '# Architecture', '',
    '<!-- Written by `npm run docs` from test/support/rooms.ts and the imports of the code. -->', '',
    'Each folder is a room with one concern. A file imports only from rooms on lower floors, or from its own folder;',
    '`test/architecture.test.ts` fails otherwise. `lib` is pure, except for the commands and the reading of files;',
    '`plugins` meets Fastify, sockets and clocks. [The tour](tour.md) walks through the rooms.', '',
    'Arrows point to what a room imports. An arrow is left out where another room on the way leads there.', '',
    '## The folders of `lib`', '',
    ...drawing(library!.map(labelled), importsOfFolders), '',
    '## The folders of `plugins`', '',
    'What they import of `lib` is left out.', '',
    ...drawing(plugins!.map(labelled), importsOfFolders), '',
    '## All rooms', '',
    '```mermaid', 'flowchart BT',
    ...FLOORS.flatMap((floor, at) => [
      `  subgraph floor${at + 1} [Floor ${at + 1}]`,
      ...floor.map(room => `    ${idOf(room.name)}["${room.name}<br/>${room.concern}"]`),
      '  end'
    ]),
    ...arrows(importsBetween(rooms.map(({ name }) => name), name => name)),
    '```', '',
    '| Floor | Room | Concern |', '|---|---|---|',
    ...FLOORS.flatMap((floor, at) => floor.map(room => `| ${at + 1} | \`${room.name}\` | ${room.concern} |`))
  ].join('\n') + '\n'
}

const idOf = (name: string): string => name.replace(/\W+/g, '_')

/** `lib/cli` of the room `lib/cli/serve`. */
const folderOf = (name: string): string => name.split('/').slice(0, 2).join('/')

/** A folder with its concern, if it is a room itself. */
function labelled (name: string): readonly [name: string, label: string] {
  const room = FLOORS.flat().find((each: Room) => each.name === name)
  return [name, room === undefined ? name : `${name}<br/>${room.concern}`]
}

function drawing (nodes: readonly (readonly [name: string, label: string])[], imports: Imports): string[] {
  const shown = new Set(nodes.map(([name]) => name))
  const among = new Map([...imports]
    .filter(([name]) => shown.has(name))
    .map(([name, targets]) => [name, new Set([...targets].filter(each => shown.has(each)))]))
  return [
    '```mermaid', 'flowchart BT',
    ...nodes.map(([name, label]) => `  ${idOf(name)}["${label}"]`),
    ...arrows(among),
    '```'
  ]
}

/** What each of some groups of rooms imports of the others. */
function importsBetween (names: readonly string[], groupOf: (room: string) => string): Imports {
  const imports = new Map<string, Set<string>>(names.map(name => [name, new Set()]))
  for (const { path, imports: paths } of sourceFiles()) {
    const room = roomOf(path)
    if (room === undefined) continue
    const from = groupOf(room.name)
    for (const target of paths.map(roomOf)) {
      const to = target && groupOf(target.name)
      if (to !== undefined && to !== from) imports.get(from)!.add(to)
    }
  }
  return imports
}

/** The imports without those that follow from others. */
function arrows (imports: Imports): string[] {
  const known = new Map<string, ReadonlySet<string>>()
  /** What is reached over any number of others. */
  const reachable = (from: string): ReadonlySet<string> => {
    let names = known.get(from)
    if (names === undefined) {
      names = new Set([...imports.get(from)!].flatMap(next => [next, ...reachable(next)]))
      known.set(from, names)
    }
    return names
  }
  return [...imports].flatMap(([from, targets]) => [...targets]
    .filter(to => ![...targets].some(other => other !== to && reachable(other).has(to)))
    .map(to => `  ${idOf(from)} --> ${idOf(to)}`))
}
