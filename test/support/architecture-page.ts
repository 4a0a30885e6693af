import { FLOORS, roomOf, sourceFiles, type Room } from './rooms.js'

/** The page docs/architecture.md: rooms, floors and imports, as the sources are. */
export function architecturePage (): string {
  return [
    '# Architecture', '',
    '<!-- Written by `npm run docs` from test/support/rooms.ts and the imports of the code. -->', '',
    'Each folder is a room with one concern. A file imports only from rooms on lower floors, or from its own folder;',
    '`test/architecture.test.ts` fails otherwise. `lib` is pure, except for the commands and the reading of files;',
    '`plugins` meets Fastify, sockets and clocks. [The tour](tour.md) walks through the rooms.', '',
    'Arrows point to what a room imports. An arrow is left out where another room on the way leads there.', '',
    '```mermaid',
    'flowchart BT',
    ...FLOORS.flatMap((rooms, floor) => [
      `  subgraph floor${floor + 1} [Floor ${floor + 1}]`,
      ...rooms.map(room => `    ${idOf(room)}["${room.name}<br/>${room.concern}"]`),
      '  end'
    ]),
    ...arrows().map(([from, to]) => `  ${idOf(from)} --> ${idOf(to)}`),
    '```', '',
    '| Floor | Room | Concern |', '|---|---|---|',
    ...FLOORS.flatMap((rooms, floor) => rooms.map(room => `| ${floor + 1} | \`${room.name}\` | ${room.concern} |`))
  ].join('\n') + '\n'
}

const idOf = ({ name }: Room): string => name.replace(/\W+/g, '_')

/** The imports between rooms, without those that follow from others. */
function arrows (): [Room, Room][] {
  const direct = new Map<Room, Set<Room>>(FLOORS.flat().map(room => [room, new Set()]))
  for (const { path, imports } of sourceFiles()) {
    const from = roomOf(path)
    for (const each of imports) {
      const to = roomOf(each)
      if (from !== undefined && to !== undefined && from !== to) direct.get(from)!.add(to)
    }
  }
  const known = new Map<Room, ReadonlySet<Room>>()
  /** The rooms that a room leads to, over any number of others. */
  const reachable = (from: Room): ReadonlySet<Room> => {
    let rooms = known.get(from)
    if (rooms === undefined) {
      rooms = new Set([...direct.get(from)!].flatMap(next => [next, ...reachable(next)]))
      known.set(from, rooms)
    }
    return rooms
  }
  return [...direct].flatMap(([from, targets]) => [...targets]
    .filter(to => ![...targets].some(other => other !== to && reachable(other).has(to)))
    .map((to): [Room, Room] => [from, to]))
}
