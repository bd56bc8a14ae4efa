const session = await (await fetch('/.auth/session')).json()
document.getElementById('who').textContent = session.claims?.name ?? session.subject
