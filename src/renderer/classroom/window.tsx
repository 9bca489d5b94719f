/** A student's page: the simulator with its own answers, as on a site of files, and the class beside it. */
import { answerBy } from '../connection.ts'
import { mount } from '../mount.tsx'
import { handlers } from '../site/library.ts'
import { follow } from './follow.ts'
import { comeBack } from './link.ts'
import { StudentApp } from './student-app.tsx'

export function openClass(): void {
  answerBy(handlers)
  follow()
  comeBack()
  mount(<StudentApp />)
}
