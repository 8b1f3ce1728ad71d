// @ts-check
// The secret of an enrolment code. Imported before all else: it leaves the address and the history before anything is asked of any server.

export const secret = /^#e=([\w-]{43})$/.exec(location.hash)?.[1] ?? null;
if (location.hash !== "") history.replaceState(null, "", location.pathname);
