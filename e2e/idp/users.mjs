// The people this provider knows. Their passwords are meant to be read.

const guid = (n) => `9f3c1e52-7a40-4c1b-8d26-${String(n).padStart(12, '0')}`;

const person = (number, username, password, name, groups, organizations) => ({
  username,
  password,
  account: 7700000 + number, // GitHub's number
  organizations,
  claims: {
    sub: `sub-of-${username}`,
    name,
    preferred_username: `${username}@example.test`,
    email: `${username}@example.test`,
    email_verified: true,
    groups,
    oid: `0b5e5a86-5b0c-4f6d-8d5d-0d2b1c9a000${number}`,
  },
});

export const users = [
  person(1, 'ada', 'analytical engine', 'Ada Lovelace', ['admins', 'staff'], ['org_engines', '4201', '4202']),
  person(2, 'ben', 'kite & key', 'Ben Franklin', ['staff'], ['org_kites', '4202']),
  // As many groups as an Entra ID token may hold before it names none of them comes close to this.
  person(3, 'grace', 'nanoseconds', 'Grace Hopper', Array.from({ length: 180 }, (_, i) => guid(i)), []),
];

export const byPassword = (username, password) =>
  users.find((u) => u.username === username && u.password === password);

export const bySubject = (sub) => users.find((u) => u.claims.sub === sub);
