/** What whoever leads a class does, from wherever in the window. */
import type { ClassLead } from '#shared/contract/classroom.ts'
import { t } from '#messages/text.ts'
import { call } from '../connection.ts'
import { attempt, useStore } from '../store.ts'

/** Whether it was done; what goes wrong is told at the top of the page. */
export async function lead(lead: ClassLead): Promise<boolean> {
  const state = await attempt(t('class.title'), () => call('class.lead', lead))
  if (state) useStore.setState({ classroom: state })
  return state !== undefined
}
