const show = (id, text) => { document.getElementById(id).textContent = text }

fetch('/.auth/session').then((r) => r.json()).then((s) => show('who', s.claims?.name ?? s.subject ?? 'nobody'))
fetch('/data/members.json').then((r) => r.json()).then((d) => show('members', d.members.join(', ')))
