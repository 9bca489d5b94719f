/** A lesson in a learning platform: it answers its calls itself, and keeps what is to be kept in the platform. */
import { answerBy } from '../connection.ts'
import { mount } from '../mount.tsx'
import { handlers } from '../site/library.ts'
import { findPlatform } from './platform.ts'
import { ScormApp } from './scorm-app.tsx'

export function openScorm(): void {
  answerBy(handlers)
  mount(<ScormApp platform={findPlatform()} />)
}
