/**
 * A lesson as a schema: what is said, shown, asked, broken and repaired on the network of a scenario, in steps. It holds no answer:
 * what is right comes of the simulation. Each description says what may be written; error messages use it as the remedy.
 */
import type { Places } from '#messages/local-texts.ts'
import { say } from '#messages/message.ts'
import { z } from 'zod'
import type { LabProblem } from '../lab/lab.ts'
import { readYaml } from '../lab/yaml-file.ts'
import { parseIpv4 } from '../wire/bytes.ts'
import { changeSchema, expectationSchema, scenarioTexts } from '../simulation/scenario.ts'
import { complaintOf } from './expression.ts'

const described = <T extends z.ZodType>(schema: T, description: string): T => schema.describe(description)
const text = (most: number, what: string) => described(z.string().trim().min(1).max(most), what)
const key = (what: string) => described(z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'is no name'), what)
const condition = (what: string) => described(z.string().min(1).max(400), what)
const set = described(z.array(changeSchema).min(1), 'the settings it changes, as in the repairs of a scenario')

const moment = z.strictObject({
  client: key('the machine, by its key in the scenario'),
  label: described(
    z.string().min(1),
    'how the step is labelled in the simulator, or how the label begins, such as OFFER; the end of the boot where it is left out',
  ).optional(),
  turn: described(z.int().min(1).max(50), 'which of several such steps, from 1').default(1),
})
export type Moment = z.infer<typeof moment>

const common = {
  id: key('a name of its own: small letters, digits and hyphens, such as first-offer'),
  text: text(2000, 'what is read: plain text, with `code` between backticks and an empty line between paragraphs'),
}
const asked = {
  hints: described(
    z.array(text(400, 'a hint')).max(4),
    'hints, the vaguest first; each one taken costs points',
  ).default([]),
  because: text(1000, 'what is said once the answer is right').optional(),
  points: described(z.int().min(1).max(100), 'points for the right answer at once').optional(),
}
const choice = z.strictObject({
  text: text(200, 'the answer as it is read'),
  when: condition('the condition under which it is right, such as uefi-pc.offers == 2'),
})
const fault = z.strictObject({
  name: key('a name of its own for the fault'),
  set,
})
const repair = z.strictObject({
  text: text(160, 'what is done, in a few words'),
  says: text(400, 'what comes of it').optional(),
  set,
})

export const predictions = ['next-packet', 'winning-offer', 'boot-server', 'screen'] as const

const step = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('say'),
    ...common,
    spoils: described(z.boolean(), 'whether it gives the answer away: it is left out in blind mode').default(false),
  }),
  z.strictObject({ kind: z.literal('show'), ...common, at: described(moment, 'which step of which boot') }),
  z.strictObject({
    kind: z.literal('predict'),
    ...common,
    ...asked,
    what: described(z.enum(predictions), predictions.join(', ')),
    at: described(moment, 'the step after which the prediction is made; for a screen the machine is enough'),
  }),
  z.strictObject({
    kind: z.literal('ask'),
    ...common,
    ...asked,
    at: described(moment, 'the boot that is looked at meanwhile').optional(),
    options: described(
      z.array(choice).min(2).max(8),
      'the answers, each with the condition under which it is right',
    ).optional(),
    value: condition(
      'where the answer is typed: the expression that it must equal, such as uefi-pc.address',
    ).optional(),
  }),
  z.strictObject({
    kind: z.literal('break'),
    ...common,
    oneOf: described(z.array(fault).min(1).max(8), 'the faults, one of which the seed chooses'),
  }),
  z.strictObject({
    kind: z.literal('fix'),
    ...common,
    ...asked,
    at: described(moment, 'the boot that is looked at meanwhile').optional(),
    repairs: described(z.array(repair).min(2).max(8), 'what a person may try, right and wrong'),
    until: condition('what must hold afterwards').default("every(state == 'booted')"),
  }),
  z.strictObject({
    kind: z.literal('check'),
    ...common,
    that: condition("what must hold, such as every(state == 'booted')").optional(),
    expect: described(
      z.record(z.string(), expectationSchema),
      'how each machine must end, as in a scenario: { uefi-pc: { outcome: booted } }',
    ).optional(),
  }),
])
export type LessonStep = z.infer<typeof step>

export const lessonLevels = ['basics', 'practice', 'advanced'] as const

const prefix = z
  .string()
  .refine((one) => parseIpv4(`${one}.1`) !== undefined, 'is not the first three numbers of an address')

export const lessonSchema = z.strictObject({
  title: text(80, 'the title'),
  blindTitle: text(80, 'the title in blind mode, which does not give the answer away'),
  summary: text(300, 'what is learned, in a sentence'),
  order: described(z.int().min(1).max(999), 'its place in the course'),
  level: described(z.enum(lessonLevels), lessonLevels.join(', ')),
  minutes: described(z.int().min(1).max(120), 'about how long it takes, in minutes'),
  scenario: described(
    z.union([z.string(), z.record(z.string(), z.unknown())]),
    'the name of a scenario, or a scenario written out',
  ),
  set: described(z.array(changeSchema), 'settings of the scenario that the lesson changes from the start').default([]),
  vary: described(
    z.strictObject({
      addresses: described(
        z.record(prefix, z.array(prefix).min(1)),
        'networks that the seed replaces: { "192.168.77": ["10.20.30", "172.16.5"] }',
      ).default({}),
      titles: described(
        z.record(z.string(), z.array(text(60, 'a name')).min(1)),
        'names of hosts and machines that the seed chooses: { dhcp1: [DC01, SRV-NET] }',
      ).default({}),
    }),
    'what differs from one seed to the next',
  ).prefault({}),
  steps: described(z.array(step).min(2).max(60), 'the steps, in their order'),
})
export type Lesson = z.infer<typeof lessonSchema>

/** What of a lesson a person reads. */
export const lessonTexts: Places = {
  title: true,
  blindTitle: true,
  summary: true,
  scenario: scenarioTexts,
  vary: { titles: { '*': true } },
  steps: {
    '*': {
      text: true,
      because: true,
      hints: true,
      options: { '*': { text: true } },
      repairs: { '*': { text: true, says: true } },
    },
  },
}

export type ReadLesson =
  { readonly ok: true; readonly lesson: Lesson } | { readonly ok: false; readonly problems: readonly LabProblem[] }

const conditionsOf = (one: LessonStep): readonly (readonly [path: readonly (string | number)[], text: string])[] => {
  switch (one.kind) {
    case 'ask':
      return [
        ...(one.options ?? []).map(({ when }, at) => [['options', at, 'when'], when] as const),
        ...(one.value === undefined ? [] : [[['value'], one.value] as const]),
      ]
    case 'fix':
      return [[['until'], one.until]]
    case 'check':
      return one.that === undefined ? [] : [[['that'], one.that]]
    default:
      return []
  }
}

/** Reads a lesson; each problem names its line, field, value and remedy. What only a boot can tell, `problemsOf` finds. */
export function readLesson(source: string): ReadLesson {
  const { list, value } = readYaml(source, lessonSchema, say('schema.a-lesson'))
  if (!value) return { ok: false, problems: list.problems }
  const seen = new Set<string>()
  for (const [at, one] of value.steps.entries()) {
    if (seen.has(one.id))
      list.add(['steps', at, 'id'], 'is the name of an earlier step', 'Give each step its own.', one.id)
    seen.add(one.id)
    for (const [path, condition] of conditionsOf(one)) {
      const complaint = complaintOf(condition)
      if (complaint) list.add(['steps', at, ...path], complaint.message, complaint.remedy, condition)
    }
    if (one.kind === 'ask' && (one.options === undefined) === (one.value === undefined))
      list.add(['steps', at], 'has neither options nor value, or both', 'Write options to choose from, or value where the answer is typed.', one.id) // prettier-ignore
    if (one.kind === 'check' && one.that === undefined && one.expect === undefined)
      list.add(['steps', at], 'checks nothing', 'Write that, expect or both.', one.id)
  }
  return list.problems.length > 0 ? { ok: false, problems: list.problems } : { ok: true, lesson: value }
}
