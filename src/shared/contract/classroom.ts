/**
 * A class as schemas: what a student's browser and the door say to each other over one WebSocket, and what a window of the lab sees
 * and does of it. A student has a name and no account; whoever has the code of the room may come in.
 */
import { z } from 'zod'

/** What nobody in a class gets beyond, whatever is sent. */
export const classBounds = {
  students: 64,
  nameCharacters: 24,
  choices: 8,
  questionCharacters: 300,
  choiceCharacters: 120,
  /** A packed step of the simulator, as in a link. */
  linkCharacters: 200_000,
  /** A lesson that somebody wrote, with its scenario. */
  lessonCharacters: 200_000,
} as const

/** Letters that are not taken for each other or for digits, without vowels: no code is a word. */
export const codeLetters = 'CDFHJKMNPRTWXY'
export const codeLength = 5

const lessonId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/)
const position = z.int().min(0).max(60)

/** Where everybody goes. */
export const classPlaceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('lesson'),
    lesson: lessonId,
    /** What is shown of it in lists: its title. */
    title: z.string().min(1).max(200),
    /** The variant of all; null where each student has one of their own. */
    seed: z.int().min(1).max(9999).nullable(),
    isBlind: z.boolean(),
    /** Position of the step, from 0; as many as there are steps for the result. */
    at: position,
    /** The lesson itself, where it does not come with the program. */
    text: z.string().min(1).max(classBounds.lessonCharacters).nullable(),
  }),
  z.strictObject({
    kind: z.literal('step'),
    title: z.string().min(1).max(200),
    link: z
      .string()
      .regex(/^[\w-]+$/)
      .max(classBounds.linkCharacters),
  }),
])
export type ClassPlace = z.infer<typeof classPlaceSchema>

/** Where a student is in a lesson; null elsewhere in the simulator. */
export const classReportSchema = z.strictObject({
  lesson: lessonId,
  seed: z.int().min(1).max(9999),
  at: position,
  of: position,
  score: z.int().min(0).max(10_000),
  outOf: z.int().min(0).max(10_000),
})
export type ClassReport = z.infer<typeof classReportSchema>

/** What a student's browser says. */
export const fromStudentSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('join'), code: z.string().max(40), name: z.string().max(100) }),
  /** Back after the connection was lost or the page was closed. */
  z.strictObject({ do: z.literal('back'), token: z.string().max(100) }),
  z.strictObject({ do: z.literal('at'), report: classReportSchema.nullable() }),
  z.strictObject({
    do: z.literal('vote'),
    vote: z.int(),
    choice: z
      .int()
      .min(0)
      .max(classBounds.choices - 1),
  }),
])
export type FromStudent = z.infer<typeof fromStudentSchema>

/** Why somebody is not let in. `slow`: too many wrong codes came from that address; a minute later it may try again. */
export const refusals = ['code', 'name', 'taken', 'full', 'locked', 'slow', 'gone'] as const
export type Refusal = (typeof refusals)[number]

export const voteStages = ['open', 'closed', 'shown'] as const

/** A question as a student sees it. Counts are there when they are shown. */
const studentVote = z.object({
  id: z.int(),
  question: z.string(),
  choices: z.array(z.string()),
  stage: z.enum(voteStages),
  hasVoted: z.boolean(),
  counts: z.array(z.int()).nullable(),
})

export const studentStateSchema = z.object({
  /** `serial` grows with each time that everybody is taken somewhere. */
  place: z.object({ serial: z.int(), place: classPlaceSchema }).nullable(),
  /** Whether the answer of the step they were taken to is shown. */
  isRevealed: z.boolean(),
  vote: studentVote.nullable(),
})
export type StudentState = z.infer<typeof studentStateSchema>

/** What the door says to a student's browser. */
export const toStudentSchema = z.discriminatedUnion('tell', [
  z.object({ tell: z.literal('in'), number: z.int(), name: z.string(), token: z.string() }),
  z.object({ tell: z.literal('refused'), why: z.enum(refusals) }),
  z.object({ tell: z.literal('class'), state: studentStateSchema }),
  /** The last word: the class ended, the trainer took the student off the list, or the same student came in elsewhere. */
  z.object({ tell: z.literal('ended'), why: z.enum(['ended', 'removed', 'elsewhere']) }),
  /** Says only that the line is good. */
  z.object({ tell: z.literal('beat') }),
])
export type ToStudent = z.infer<typeof toStudentSchema>

export const studentSchema = z.object({
  /** From 1, the smallest that is free: it stands on the list, and is the variant where each has one of their own. */
  number: z.int(),
  name: z.string(),
  isHere: z.boolean(),
  report: classReportSchema.nullable(),
})
export type Student = z.infer<typeof studentSchema>

export const classStateSchema = z.object({
  code: z.string(),
  /** Where students open it, the likeliest first. */
  addresses: z.array(z.string()),
  isLocked: z.boolean(),
  students: z.array(studentSchema),
  place: z.object({ serial: z.int(), place: classPlaceSchema }).nullable(),
  isRevealed: z.boolean(),
  vote: z
    .object({
      id: z.int(),
      question: z.string(),
      choices: z.array(z.string()),
      stage: z.enum(voteStages),
      /** How many have voted. */
      voted: z.int(),
      /** Null while it is open: who is seen to vote would be seen to vote for something. */
      counts: z.array(z.int()).nullable(),
    })
    .nullable(),
})
export type ClassState = z.infer<typeof classStateSchema>

const oneLine = (most: number) => z.string().trim().min(1).max(most)

/** What whoever leads does. */
export const classLeadSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('take'), place: classPlaceSchema }),
  /** Everybody goes on alone. */
  z.strictObject({ do: z.literal('release') }),
  z.strictObject({ do: z.literal('reveal') }),
  z.strictObject({
    do: z.literal('ask'),
    question: oneLine(classBounds.questionCharacters),
    choices: z.array(oneLine(classBounds.choiceCharacters)).min(2).max(classBounds.choices),
  }),
  /** Nobody votes any more. */
  z.strictObject({ do: z.literal('close-vote') }),
  z.strictObject({ do: z.literal('show-vote') }),
  z.strictObject({ do: z.literal('end-vote') }),
  /** Whether nobody new is let in; those who were in come back. */
  z.strictObject({ do: z.literal('lock'), isLocked: z.boolean() }),
  z.strictObject({ do: z.literal('remove'), number: z.int() }),
])
export type ClassLead = z.infer<typeof classLeadSchema>

const nothing = z.strictObject({})

export const classCalls = {
  /** The class of this lab; null where none is open. */
  'class.read': { args: nothing, reply: classStateSchema.nullable() },
  /** Opens a door of its own for students. 0.0.0.0 or :: listens on every address of this machine; port 0 takes any that is free. */
  'class.open': {
    args: z.strictObject({ host: z.union([z.ipv4(), z.ipv6()]), port: z.int().min(0).max(65_535) }),
    reply: classStateSchema,
  },
  'class.lead': { args: classLeadSchema, reply: classStateSchema },
  'class.close': { args: nothing, reply: z.null() },
} as const
