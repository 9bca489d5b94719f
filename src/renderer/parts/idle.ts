/** Resolves when the window has nothing else to do, after ten seconds at the latest. */
export const idle = (): Promise<void> =>
  new Promise((resolve) => {
    // WebKit has no such call.
    if ('requestIdleCallback' in window) window.requestIdleCallback(() => resolve(), { timeout: 10_000 })
    else setTimeout(resolve, 500)
  })
