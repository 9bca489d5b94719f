/** Answers of the page itself where no lab is behind it: the scenarios that come with it, and those that this browser keeps. */
import { CallFailure } from '#shared/contract/channel.ts'
import { calls, type CallName, type Handlers } from '#shared/contract/calls.ts'
import { changeScenario, describeScenarioProblem } from '#shared/simulation/changes.ts'
import { readScenarioText } from '#shared/simulation/scenario-text.ts'
import { t, textOf } from '#messages/text.ts'

const texts = import.meta.glob('../../../resources/scenarios/*.yaml', { query: '?raw', import: 'default', eager: true })
type Json = Parameters<Handlers['scenarios.save']>[0]['input']

let shipped: Awaited<ReturnType<Handlers['scenarios.list']>> | undefined
/** Read when somebody asks, once. */
const readShipped = (): NonNullable<typeof shipped> =>
  (shipped ??= Object.entries(texts).flatMap(([path, text]) => {
    const read = readScenarioText(text)
    const id = path.replace(/^.*\/|\.yaml$/g, '')
    return read.ok ? [{ id, origin: 'shipped' as const, input: read.input as Json }] : []
  }))

const key = 'pxe-lab-saved-scenarios'
const read = (): Record<string, Json> => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, Json>
  } catch {
    return {}
  }
}
function keep(saved: Readonly<Record<string, Json>>): null {
  try {
    localStorage.setItem(key, JSON.stringify(saved))
  } catch {
    throw new CallFailure(t('site.not-kept'), t('site.not-kept-remedy'))
  }
  return null
}

const refuse = (): never => {
  throw new CallFailure(t('site.needs-lab'), t('site.needs-lab-remedy'))
}

const own: Partial<Handlers> = {
  'scenarios.list': () => [
    ...readShipped(),
    ...Object.entries(read()).map(([id, input]) => ({ id, origin: 'saved' as const, input })),
  ],
  'scenarios.save': ({ id, input }) => {
    const checked = changeScenario(input, [])
    if (!checked.ok) throw new CallFailure(textOf(describeScenarioProblem(checked.problems[0]!)), t('site.correct-it'))
    return keep({ ...read(), [id]: input })
  },
  'scenarios.delete': ({ id }) => {
    const { [id]: _deleted, ...others } = read()
    return keep(others)
  },
}

export const handlers = {
  ...Object.fromEntries((Object.keys(calls) as CallName[]).map((name) => [name, refuse])),
  ...own,
} as unknown as Handlers
