/** The pages of the window in the order of work, with the letter that follows `g`. */
export const pageLinks = [
  { page: 'start', label: 'Start', key: 'h' },
  { page: 'lab', label: 'Lab', key: 'l' },
  { page: 'clients', label: 'Clients', key: 'c' },
  { page: 'flows', label: 'Flows', key: 'f' },
  { page: 'doctor', label: 'Doctor', key: 'd' },
  { page: 'simulator', label: 'Simulator', key: 'i' },
  { page: 'files', label: 'Boot files', key: 'b' },
  { page: 'planner', label: 'Planner', key: 'p' },
  { page: 'settings', label: 'Settings', key: 's' },
] as const

/** The pages of a window that shows a hub. */
export const hubLinks = [
  { page: 'sites', label: 'Sites', key: 'w' },
  { page: 'flows', label: 'Flows', key: 'f' },
] as const

export type LabPage = (typeof pageLinks)[number]['page']
export type PageName = LabPage | (typeof hubLinks)[number]['page']
