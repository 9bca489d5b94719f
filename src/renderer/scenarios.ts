/** Scenarios as they are shown: those that come with the program in the language of the window. */
import { withTexts } from '#messages/local-texts.ts'
import { localText } from '#messages/text.ts'
import type { Reply } from '#shared/contract/calls.ts'
import { scenarioTexts } from '#shared/simulation/scenario.ts'
import { call } from './connection.ts'

export const listScenarios = async (): Promise<Reply<'scenarios.list'>> =>
  (await call('scenarios.list', {})).map((one) => ({ ...one, input: withTexts(one.input, scenarioTexts, localText) }))
