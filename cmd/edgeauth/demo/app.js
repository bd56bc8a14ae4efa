const $ = (id) => document.getElementById(id);

// ask fetches JSON. A 401 carries the address to sign in at.
async function ask(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  const body = await answer.json();
  if (answer.status === 401) {
    $("ended").hidden = false;
    if (body.login) $("again").href = body.login;
    throw new Error("signed out");
  }
  return body;
}

function fact(name, value) {
  const dt = document.createElement("dt");
  const dd = document.createElement("dd");
  dt.textContent = name;
  dd.textContent = value;
  $("facts").append(dt, dd);
}

function clock(time) {
  const date = new Date(typeof time === "number" ? time * 1000 : time);
  return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

async function showSession() {
  const session = await ask("/.auth/session");
  const { name = session.subject, email, groups = [] } = session.claims ?? {};
  $("hello").textContent = name.split(" ")[0] + ".";
  $("avatar").textContent = name.split(" ").map((word) => word[0]).join("").slice(0, 2);
  fact("Name", name);
  if (email) fact("Email", email);
  fact("Groups", groups.join(", ") || "none");
  fact("Subject", session.subject);
  fact("Until", clock(session.expires_at) + ", renewed as you go");
}

async function showWeek() {
  const days = await ask("/data/week.json");
  const most = Math.max(...days.map((day) => day.pages));
  const draw = (name, attributes, text = "") => {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    shape.textContent = text;
    $("chart").append(shape);
  };
  days.forEach((day, i) => {
    const height = Math.round((day.pages / most) * 80);
    const x = i * 40 + 6;
    draw("rect", { x, y: 98 - height, width: 28, height, rx: 5 });
    draw("text", { x: x + 14, y: 92 - height, class: "value" }, day.pages);
    draw("text", { x: x + 14, y: 114 }, day.day);
  });
}

async function tryDoors() {
  for (const door of $("doors").children) {
    const answer = await fetch(door.dataset.path, { headers: { accept: "*/*" } });
    door.classList.add(answer.ok ? "open" : "closed");
    door.querySelector("b").textContent = answer.ok ? "open" : `closed, ${answer.status}`;
  }
}

$("knock").addEventListener("click", async () => {
  const answer = await fetch("/app.js", { credentials: "omit", cache: "no-store" });
  const body = answer.ok ? await answer.text() : JSON.stringify(await answer.json(), null, 2);
  $("answer").textContent = `HTTP ${answer.status}\n${body}`;
  $("answer").hidden = false;
});

if (location.pathname !== "/") {
  $("asked").textContent = location.pathname + location.search;
  $("deep").hidden = false;
}

for (const show of [showSession, showWeek, tryDoors]) show().catch((error) => console.warn(error.message));
