/** Why a TLS handshake with a client came to nothing, from what OpenSSL says of it. */

export interface TlsFailure {
  /** A clause about the client. */
  readonly reason: string
  /** The alert that ended it (RFC 5246 section 7.2.2); undefined where the client hung up without one. */
  readonly alert: { readonly from: 'client' | 'server'; readonly code: number } | undefined
}

/** By OpenSSL's words for an alert that came. */
const alerts: Readonly<Record<string, readonly [code: number, means: string]>> = {
  'handshake failure': [40, 'it accepts none of the cipher suites'],
  'bad certificate': [42, 'it does not accept the certificate'],
  'unsupported certificate': [43, 'it cannot use a certificate of this type'],
  'certificate revoked': [44, 'the certificate is revoked'],
  'certificate expired': [45, 'according to its clock, the certificate is not valid now'],
  'certificate unknown': [46, 'it does not accept the certificate'],
  'unknown ca': [48, 'it does not trust the CA that issued the certificate'],
  'access denied': [49, 'it does not accept the certificate'],
  'decrypt error': [51, 'it could not verify a signature'],
  'protocol version': [70, 'it speaks no version of TLS that this server does'],
  'internal error': [80, 'it met an internal error'],
}

export function tlsFailure(error: NodeJS.ErrnoException & { readonly reason?: string }): TlsFailure {
  const { code = '', reason = '', message } = error
  const name = / alert (.+)$/.exec(reason)?.[1]
  const alert = name === undefined ? undefined : alerts[name]
  if (alert)
    return { reason: `it sent the TLS alert "${name}": ${alert[1]}`, alert: { from: 'client', code: alert[0] } }
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return {
        reason:
          'it hung up during the handshake without an alert, as EDK2 and iPXE do with a certificate that they do not trust or that is for another name',
        alert: undefined,
      }
    case 'ERR_SSL_NO_SHARED_CIPHER':
      return {
        reason: 'it offers no cipher suite that fits the key of the certificate',
        alert: { from: 'server', code: 40 },
      }
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_VERSION_TOO_LOW':
      return { reason: 'it speaks no TLS newer than 1.1', alert: { from: 'server', code: 70 } }
    case 'ERR_SSL_HTTP_REQUEST':
      return { reason: 'it spoke plain HTTP to the port of HTTPS', alert: undefined }
    default:
      return { reason: reason === '' ? message : reason, alert: undefined }
  }
}
