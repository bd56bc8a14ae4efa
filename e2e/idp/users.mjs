// The people this provider knows. Their passwords are meant to be read.

const guid = (n) => `9f3c1e52-7a40-4c1b-8d26-${String(n).padStart(12, '0')}`;

const person = (username, password, name, groups, oid) => ({
  username,
  password,
  claims: {
    sub: `sub-of-${username}`,
    name,
    preferred_username: `${username}@example.test`,
    email: `${username}@example.test`,
    email_verified: true,
    groups,
    oid,
  },
});

export const users = [
  person('ada', 'analytical engine', 'Ada Lovelace', ['admins', 'staff'], '0b5e5a86-5b0c-4f6d-8d5d-0d2b1c9a0001'),
  person('ben', 'kite & key', 'Ben Franklin', ['staff'], '0b5e5a86-5b0c-4f6d-8d5d-0d2b1c9a0002'),
  // As many groups as an Entra ID token may hold before it names none of them comes close to this.
  person('grace', 'nanoseconds', 'Grace Hopper', Array.from({ length: 180 }, (_, i) => guid(i)), '0b5e5a86-5b0c-4f6d-8d5d-0d2b1c9a0003'),
];

export const byPassword = (username, password) =>
  users.find((u) => u.username === username && u.password === password);

export const bySubject = (sub) => users.find((u) => u.claims.sub === sub);
