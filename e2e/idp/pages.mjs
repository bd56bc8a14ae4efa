// The pages a person clicks through: sign in, consent, sign out.

const escape = (text) =>
  String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const page = (title, body) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width">
<style>
body { font: 16px/1.5 system-ui, sans-serif; background: #eef1f5; color: #1c2733; margin: 0; display: grid; place-items: center; min-height: 100vh }
main { background: #fff; border: 1px solid #cfd8e3; border-radius: 8px; padding: 2rem; width: 20rem }
h1 { font-size: 1.25rem; margin-top: 0 }
label { display: block; margin-bottom: 1rem }
input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem }
button { font: inherit; padding: .4rem 1rem; margin-right: .5rem }
.note { color: #5a6b7d; font-size: .875rem }
.fault { color: #a4262c }
</style>
<main data-idp="${escape(title)}"><h1>${escape(title)}</h1>${body}<p class="note">A provider for tests only.</p></main>`;

export const loginPage = ({ uid, client, fault, asksOrganization }) => page('Sign in', `
<p>to go on to <b>${escape(client)}</b></p>
${fault ? `<p class="fault" role="alert">${escape(fault)}</p>` : ''}
<form method="post" action="/interaction/${escape(uid)}/login">
<label>Name <input name="username" id="username" autocomplete="off" required autofocus></label>
<label>Password <input name="password" id="password" type="password" autocomplete="off" required></label>
${asksOrganization ? '<label>Organization <input name="organization" id="organization" autocomplete="off" required></label>' : ''}
<button id="sign-in">Sign in</button>
</form>`);

export const consentPage = (uid, client, scopes) => page('Allow access?', `
<p><b>${escape(client)}</b> asks for: ${escape(scopes)}</p>
<form method="post" action="/interaction/${escape(uid)}/allow"><button id="allow">Allow</button></form>
<form method="post" action="/interaction/${escape(uid)}/deny"><button id="deny">Deny</button></form>`);

export const logoutPage = (form, asks) => page('Sign out?', `
${form}
<p>End your session with this provider?</p>
<button id="sign-out" form="op.logoutForm" name="logout" value="yes">Yes, sign out</button>
<button id="stay" form="op.logoutForm">No, stay</button>
${asks ? '' : '<script>document.getElementById("sign-out").click()</script>'}`);

export const endedPage = () => page('Signed out', '<p>The session with this provider has ended.</p>');

export const errorPage = (out) => page('Refused', `
<p class="fault"><code>${escape(out.error)}</code></p><p>${escape(out.error_description ?? '')}</p>`);
