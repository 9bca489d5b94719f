import { say } from '#messages/message.ts'

/** The pages of the window in the order of work, with the letter that follows `g`. */
export const pageLinks = [
  { page: 'start', label: say('page-names.start'), key: 'h' },
  { page: 'lab', label: say('page-names.lab'), key: 'l' },
  { page: 'clients', label: say('page-names.clients'), key: 'c' },
  { page: 'flows', label: say('page-names.flows'), key: 'f' },
  { page: 'doctor', label: say('page-names.doctor'), key: 'd' },
  { page: 'simulator', label: say('page-names.simulator'), key: 'i' },
  { page: 'files', label: say('page-names.files'), key: 'b' },
  { page: 'planner', label: say('page-names.planner'), key: 'p' },
  { page: 'settings', label: say('page-names.settings'), key: 's' },
] as const

/** The pages of a window that shows a hub. */
export const hubLinks = [
  { page: 'sites', label: say('page-names.sites'), key: 'w' },
  { page: 'flows', label: say('page-names.flows'), key: 'f' },
] as const

export type LabPage = (typeof pageLinks)[number]['page']
export type PageName = LabPage | (typeof hubLinks)[number]['page']
