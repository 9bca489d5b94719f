/** What an HTTP answer, or its absence, says of why a file did not come: the cause, the remedy and the screen depend on it. */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { edk2StatusLine } from '../../machines/pxe-client/edk2-http.ts'
import { ipxeHttpError } from '../../machines/pxe-client/ipxe-network.ts'
import type { HttpEvent } from '../../trace/events.ts'
import { httpFailed, type FailureKind, type ScreenFamily } from '../failures.ts'
import type { Failed } from './account.ts'
import { isRedirected } from './file.ts'

type More = Partial<Pick<Failed, 'title' | 'causes' | 'fixes' | 'screen'>>

/** More than the failure itself says of it; empty where that is all. */
export function moreOfHttp(file: HttpEvent, kind: FailureKind, family: ScreenFamily | undefined): More {
  if (kind === 'http-reset' && file.isKept && file.closedFrame >= 0)
    return { causes: [say('explain.http-not-kept')], fixes: [say('explain.fix-http-not-kept')] }
  if (kind !== 'http-error') return {}
  const screen = screenOf(file, family)
  if (isRedirected(file)) {
    const { location } = file
    return {
      title: say('explain.http-redirected'),
      causes: [say('explain.http-redirect-unfollowed', { known: location === '' ? 'no' : 'yes', location })],
      fixes: [say('explain.fix-http-redirect')],
      screen,
    }
  }
  if (file.status === 404 || file.status === 410) return { screen }
  return { ...reasonOf(file), screen }
}

function reasonOf({ status, reason, method }: HttpEvent): { causes: Phrase[]; fixes: Message[]; title?: Phrase } {
  const answer = `${status} ${reason}`.trim()
  if (status === 401 || status === 407) return { causes: [say('explain.http-login')], fixes: [say('explain.fix-http-login')] }
  if (status === 403) return { causes: [say('explain.http-forbidden')], fixes: [say('explain.fix-http-forbidden')] }
  if (status === 405 || status === 501)
    return { causes: [say('explain.http-method', { method })], fixes: [say('explain.fix-http-method', { method })] }
  const fixes = [say('failures.look-into-log-web-server')]
  if (status >= 500)
    return { title: say('explain.http-server-fault', { answer }), causes: [say('explain.http-behind')], fixes }
  return { causes: [say('explain.http-other-reason', { answer })], fixes }
} // prettier-ignore

function screenOf({ status, reason, location }: HttpEvent, family: ScreenFamily | undefined): readonly string[] {
  if (family === 'edk2-http')
    return [
      // HttpBootCallback tells the redirect before HttpBootPrintErrorMessage tells the status (HttpBootImpl.c, HttpBootSupport.c).
      ...(location === '' ? [] : ['HTTP ERROR: Resource Redirected.', `New Location: ${location}`]),
      edk2StatusLine(status, reason),
      ...httpFailed,
      'Error: Unexpected network error.',
    ]
  if (family !== 'ipxe') return []
  const [text, number] = ipxeHttpError(status)
  return [`${text} (http://ipxe.org/${number})`]
}
