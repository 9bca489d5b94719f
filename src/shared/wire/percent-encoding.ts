/** A percent-encoded text (RFC 3986 section 2.1) as it reads; undefined where what follows a percent sign encodes nothing. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
