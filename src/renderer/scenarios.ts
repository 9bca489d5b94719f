/** Scenarios as they are shown: those that come with the program in the language of the window. */
import { withTexts } from '#messages/local-texts.ts'
import { localText, spokenLanguage } from '#messages/text.ts'
import type { Reply } from '#shared/contract/calls.ts'
import { scenarioTexts } from '#shared/simulation/scenario.ts'
import { call } from './connection.ts'

type Listed = Reply<'scenarios.list'>[number]

/** `english`: as the file has it, where another language is spoken. */
export const listScenarios = async (): Promise<(Listed & { readonly english?: Listed['input'] })[]> =>
  (await call('scenarios.list', {})).map((one) => ({
    ...one,
    input: withTexts(one.input, scenarioTexts, localText),
    ...(spokenLanguage() !== 'en' && { english: one.input }),
  }))
