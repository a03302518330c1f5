/** What the page of a window says to its preload script, and that to main, to be given a port. */
export const WANT_PORT = 'flotilla.want-port';

/** What is said along with the port, on its way back. */
export const PORT = 'flotilla.port';

/**
 * The last word on a port. Chromium tells nobody that the other end of a port was closed once the port has changed hands, so
 * each side says it.
 *
 * The page also says, as a number, how many messages it has taken since it last did.
 */
export const PORT_END = null;
